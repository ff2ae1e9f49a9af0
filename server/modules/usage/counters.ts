import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts } from '../../platform/dynamo.ts';
import { logger } from '../../platform/logger.ts';
import { findAccount } from '../account/service.ts';
import { type Latencies, type LatencyClass, latenciesOf, latencyClassOf } from './latency.ts';
import type { Counts, UsageRow } from './schema.ts';

const flushMilliseconds = 2_000;

/** What one finished run was; bodies are never part of it. */
export type CallRecord = {
  accountId: string;
  keyId?: string;
  tool: string;
  status: number;
  bytesIn: number;
  bytesOut: number;
  /** By how much the result is smaller than what it was made from; 0 where it is another thing. */
  bytesSaved: number;
  runMs?: number;
  totalMs: number;
};

/** Counts a call. Counters are written together shortly after, so that no caller waits for them. */
export function recordCall(call: CallRecord): void {
  pending.push({ ...call, at: clock.now() });
  timer ??= setTimeout(() => void flushCounters(), flushMilliseconds);
}

type PendingCall = CallRecord & { at: number };

let pending: PendingCall[] = [];
let timer: NodeJS.Timeout | undefined;
let writing: Promise<void> = Promise.resolve();

/** Writes what is pending; called on shutdown too. */
export function flushCounters(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const calls = pending;
  pending = [];
  if (calls.length > 0)
    writing = writing.then(async () => {
      await Promise.all(countersOf(calls).map(addCounters));
    });
  return writing;
}

/** One row for each account, period, tool and key, however many calls there were. */
function countersOf(calls: PendingCall[]): CounterRow[] {
  const rows = new Map<string, CounterRow>();
  for (const call of calls) {
    const { accountId, keyId = noKey, tool } = call;
    const day = new Date(call.at).toISOString().slice(0, 10);
    for (const period of [`day#${day}`, `month#${day.slice(0, 7)}`]) {
      const name = [accountId, period, tool, keyId].join(' ');
      const row = rows.get(name) ?? { accountId, period, tool, keyId, ...zero, latencies: {} };
      count(row, call);
      rows.set(name, row);
    }
  }
  return [...rows.values()];
}

/** The counters of one account, period, tool and key, as they are stored. */
type CounterRow = UsageRow & { tool: string; keyId: string };

/** Stands for the key where somebody signed in has called. */
export const noKey = '-';

function count(row: UsageRow, call: PendingCall): void {
  row.calls += 1;
  row.bytesIn += call.bytesIn;
  row.bytesOut += call.bytesOut;
  row.bytesSaved += call.bytesSaved;
  row.runMs += call.runMs ?? 0;
  if (call.status >= 400) {
    row.failed += 1;
    return;
  }
  row.succeeded += 1;
  // A refusal is quick, and would make the service look so.
  const name = latencyClassOf(call.totalMs);
  row.latencies[name] = (row.latencies[name] ?? 0) + 1;
}

const zero: Counts = {
  calls: 0,
  succeeded: 0,
  failed: 0,
  bytesIn: 0,
  bytesOut: 0,
  bytesSaved: 0,
  runMs: 0,
};

async function addCounters({ latencies, ...row }: CounterRow): Promise<void> {
  const { accountId, keyId, period, tool, ...counts } = row;
  try {
    // What is counted of an account that was deleted meanwhile would stay for ever.
    if (!(await findAccount(accountId))) return;
    await despiteConflicts(() =>
      database()
        .usage.upsert({ accountId, period, tool, keyId })
        .add({ ...counts, ...latencies })
        .go(),
    );
  } catch (error) {
    logger().error({ err: error, ...row }, 'usage of calls was not counted');
  }
}

/** Which counters to read: periods of one length from one to another, of a tool, of a key, of both. */
export type CounterFilter = {
  by: 'day' | 'month';
  group: 'tool' | 'key';
  from: string;
  to: string;
  tool?: string;
  keyId?: string;
};

/** The counters of an account by period, and by tool or by key: each row is the sum of one of the two. */
export async function readCounters(accountId: string, filter: CounterFilter): Promise<UsageRow[]> {
  const { by, from, group, keyId, to, tool } = filter;
  // The mark after `to` comes behind every letter that a period or a tool may have.
  const [first, last] = [{ period: `${by}#${from}` }, { period: `${by}#${to}\u{ffff}` }];
  // DynamoDB takes a range that ends before it begins for a mistake.
  if (first.period > last.period) return [];
  const sums = new Map<string, UsageRow>();
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await database()
      .usage.query.byPeriod({ accountId })
      .between(first, last)
      .go({ cursor });
    for (const row of page.data) {
      if ((tool ?? row.tool) !== row.tool || (keyId ?? row.keyId) !== row.keyId) continue;
      const { period } = row;
      const of = group === 'tool' ? { tool: row.tool } : { keyId: row.keyId };
      const name = [period, of.tool ?? of.keyId].join(' ');
      const sum = sums.get(name) ?? { accountId, period, ...of, ...zero, latencies: {} };
      add(sum, row);
      sums.set(name, sum);
    }
    ({ cursor } = page);
  }
  return [...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, sum]) => sum);
}

/** Adds what one stored row has counted. */
function add(sum: UsageRow, row: Partial<Counts> & Latencies): void {
  for (const name of Object.keys(zero) as (keyof Counts)[]) sum[name] += row[name] ?? 0;
  for (const [name, calls] of Object.entries(latenciesOf(row)) as [LatencyClass, number][])
    sum.latencies[name] = (sum.latencies[name] ?? 0) + calls;
}
