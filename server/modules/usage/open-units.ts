import { ulid } from 'ulid';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';

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

const settleMilliseconds = 250;

/**
 * Settles held units, those of one moment and one row together, so that no call costs a write more.
 * What a process that is killed has not settled goes back after a while, which is the lesser harm.
 */
export function createSettler<Row extends object>(
  write: (row: Row, held: OpenUnits[]) => Promise<unknown>,
) {
  let pending = new Map<string, { row: Row; held: OpenUnits[] }>();
  let timer: NodeJS.Timeout | undefined;
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    const due = [...pending.values()];
    pending = new Map();
    for (const { held, row } of due)
      await write(row, held).catch((error: unknown) =>
        logger().warn({ err: error }, 'the charges of some calls were not settled'),
      );
  };
  return {
    settle: (row: Row, held: OpenUnits) => {
      const key = JSON.stringify(row);
      const known = pending.get(key);
      if (known) known.held.push(held);
      else pending.set(key, { row, held: [held] });
      timer ??= setTimeout(() => void flush(), settleMilliseconds);
    },
    /** Writes what waits; called on shutdown. */
    flush,
  };
}
