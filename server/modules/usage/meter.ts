import { ulid } from 'ulid';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../platform/dynamo.ts';
import { logger } from '../../platform/logger.ts';

/** No call of now runs so long: the longest tool has half an hour, beside its queue and its upload. */
const longestMilliseconds = 60 * 60 * 1000;

/**
 * Units that a call holds while it runs: until when, how many, and a name. They are counted as used,
 * and an element of a set in the same row: a process that is killed can neither use them nor give
 * them back, so whoever reads the row later does.
 */
type OpenUnits = `${number}|${number}|${string}`;

/** What a call that begins now holds. */
const openUnits = (units: number): OpenUnits =>
  `${clock.now() + longestMilliseconds}|${units}|${ulid()}`;

/** How many units it is that a call holds. */
const countOf = (held: OpenUnits) => Number(held.split('|')[1]);

/** What is held by calls that cannot run any more. */
const overdue = (open: readonly string[] = []): OpenUnits[] =>
  (open as OpenUnits[]).filter((held) => Number(held.split('|')[0]) < clock.now());

/** What a process that is killed has not settled in this time is given back to the account. */
const settleMilliseconds = 1_000;

/** Units that were taken and are held until one of the two is said. */
type Taken = {
  /** What the row has counted with them. */
  used: number;
  /** Gives them back, once, however often it is said; tells what the row counts then. */
  release: () => Promise<number>;
  /** They are used. Unsaid for long, they go back. */
  settle: () => void;
};

/**
 * Counts units in rows of one kind, exactly, however many processes take from the same row and
 * whatever becomes of them.
 *
 * @example
 * const meter = createMeter<{ accountId: string; cycle: string }>('quota');
 * const taken = await meter.take({ accountId, cycle }, 1, 100); // undefined: the limit is reached
 */
export function createMeter<Row extends object>(kind: 'quota' | 'keyUsage') {
  // The two count alike, and only their keys differ.
  const rows = () => database()[kind] as ReturnType<typeof database>['quota'];
  const keyOf = (row: Row) => row as unknown as { accountId: string; cycle: string };

  const settler = createSettler<Row>((row, open) =>
    despiteConflicts(() => rows().patch(keyOf(row)).delete({ open }).go()),
  );

  const seen = createMemory<Row>();
  const count = (row: Row, used: number) => {
    seen.note(row, used);
    return used;
  };

  async function take(row: Row, units: number, limit: number): Promise<Taken | undefined> {
    // A row that is not there yet has nothing that the condition could compare.
    if (units > limit) return undefined;
    const held = openUnits(units);
    const used = await add(row, held, limit);
    if (used === undefined) return undefined;
    let released: Promise<number> | undefined;
    const release = () => {
      released ??= giveBack(row, held);
      return released;
    };
    return { used, release, settle: () => settler.settle(row, held) };
  }

  async function add(row: Row, held: OpenUnits, limit: number): Promise<number | undefined> {
    const units = countOf(held);
    try {
      const { data } = await despiteConflicts(() =>
        rows()
          .upsert(keyOf(row))
          .add({ used: units, open: [held] })
          .where(
            ({ open, used }, { escape: quote, lte, name, notExists }) =>
              `(${notExists(used)} OR ${lte(used, limit - units)}) AND NOT contains(${name(open)}, ${quote(held)})`,
          )
          .go({ response: 'all_new' }),
      );
      return count(row, data.used ?? 0);
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      // The client asks again where an answer was lost, and what is held then has been taken by itself.
      const { data } = await rows().get(keyOf(row)).go({ consistent: true });
      return data?.open?.includes(held) ? data.used : undefined;
    }
  }

  /** Once, by whomever: what is held by nobody any more is used, or has gone back. */
  async function giveBack(row: Row, held: OpenUnits): Promise<number> {
    try {
      const { data } = await despiteConflicts(() =>
        rows()
          .patch(keyOf(row))
          .subtract({ used: countOf(held) })
          .delete({ open: [held] })
          .where(({ open }, { escape: quote, name }) => `contains(${name(open)}, ${quote(held)})`)
          .go({ response: 'all_new' }),
      );
      return count(row, data.used ?? 0);
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      const { data } = await rows().get(keyOf(row)).go({ consistent: true });
      return count(row, data?.used ?? 0);
    }
  }

  return {
    take,

    /** What a row has counted; units of calls that cannot run any more go back first. */
    read: async (row: Row): Promise<number> => {
      const { data } = await rows().get(keyOf(row)).go();
      let used = data?.used ?? 0;
      for (const held of overdue(data?.open)) used = await giveBack(row, held);
      return count(row, used);
    },

    /** What the row counted a moment ago, as far as this process has seen; undefined after that. */
    recall: seen.recall,

    /** Writes which charges stand; called on shutdown. */
    flush: settler.flush,
  };
}

/**
 * Settles held units, those of one moment and one row together, so that no call costs a write more.
 * What a process that is killed has not settled goes back after a while, which is the lesser harm.
 */
function createSettler<Row extends object>(
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
    flush,
  };
}

const seenMilliseconds = 2_000;

/** What rows counted when this process last saw them. */
function createMemory<Row extends object>() {
  const rows = new Map<string, { used: number; until: number }>();
  return {
    note: (row: Row, used: number) => {
      if (rows.size > 10_000) rows.clear();
      rows.set(JSON.stringify(row), { used, until: clock.now() + seenMilliseconds });
    },
    recall: (row: Row): number | undefined => {
      const known = rows.get(JSON.stringify(row));
      return known && known.until > clock.now() ? known.used : undefined;
    },
  };
}
