import { ulid } from 'ulid';
import { clock } from '../../platform/clock.ts';

/** No call of now runs so long: the longest tool has half an hour, beside its queue and its upload. */
const longestMilliseconds = 60 * 60 * 1000;

/**
 * Units that a call holds while it runs: until when, how many, and a name. They are counted as used,
 * and an element of a set in the same row: a process that is killed can neither use them nor give
 * them back, so whoever reads the row later does.
 */
export type OpenUnits = `${number}|${number}|${string}`;

/** What a call that begins now holds. */
export const openUnits = (units: number): OpenUnits =>
  `${clock.now() + longestMilliseconds}|${units}|${ulid()}`;

/** How many units it is that a call holds. */
export const countOf = (held: OpenUnits) => Number(held.split('|')[1]);

/** What is held by calls that cannot run any more. */
export const overdue = (open: readonly string[] = []): OpenUnits[] =>
  (open as OpenUnits[]).filter((held) => Number(held.split('|')[0]) < clock.now());
