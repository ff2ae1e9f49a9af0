import { monotonicFactory } from 'ulid';
import { z } from 'zod';

const nextUlid = monotonicFactory();

export type IdPrefix =
  | 'usr'
  | 'key'
  | 'job'
  | 'batch'
  | 'pipe'
  | 'file'
  | 'fil'
  | 'req'
  | 'log'
  | 'evt'
  | 'ord'
  | 'mnd'
  | 'ses'
  | 'mail'
  | 'push'
  | 'msg'
  | 'cnv'
  | 'can'
  | 'ntf'
  | 'rte'
  | 'we'
  | 'whd';

/** A new id that sorts by time, e.g. `job_01JD…`. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${nextUlid()}`;
}

/** An id in an input: of one kind and in its one spelling, so that it cannot be anything else. */
export const idSchema = (prefix: IdPrefix) =>
  z
    .string()
    .max(40)
    .regex(
      new RegExp(`^${prefix}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`),
      `Expected an id such as ${prefix}_01JD8Y3K5M7N9P1Q3R5S7T9V1W.`,
    );
