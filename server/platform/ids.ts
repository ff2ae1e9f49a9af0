import { monotonicFactory } from 'ulid';

const nextUlid = monotonicFactory();

export type IdPrefix = 'usr' | 'key' | 'job' | 'file' | 'req' | 'log';

/** A new id that sorts by time, e.g. `job_01JD…`. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${nextUlid()}`;
}
