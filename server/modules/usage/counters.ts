import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts } from '../../platform/dynamo.ts';
import { logger } from '../../platform/logger.ts';
import { findAccount } from '../account/service.ts';
import { type Latencies, latenciesOf, latencyClassOf } from './latency.ts';
import type { Counts, UsageRow } from './schema.ts';

const flushMilliseconds = 1_000;

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
      await Promise.all([...countersOf(calls).values()].map(addCounters));
    });
  return writing;
}

/** One update for each account, period and tool, key or both, however many calls there were. */
function countersOf(calls: PendingCall[]): Map<string, UsageRow> {
  const rows = new Map<string, UsageRow>();
  for (const call of calls) {
    const day = new Date(call.at).toISOString().slice(0, 10);
    const { keyId = noKey, tool } = call;
    for (const period of [`day#${day}`, `month#${day.slice(0, 7)}`])
      for (const group of [{ tool }, { keyId }, { keyId, tool }]) {
        const key = JSON.stringify([call.accountId, period, group]);
        const row = rows.get(key) ?? emptyRow(call.accountId, period, group);
        count(row, call);
        rows.set(key, row);
      }
  }
  return rows;
}

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

type Group = { tool?: string; keyId?: string };

const emptyRow = (accountId: string, period: string, group: Group): UsageRow => ({
  accountId,
  period,
  ...group,
  ...zero,
  latencies: {},
});

async function addCounters(row: UsageRow): Promise<void> {
  const { accountId, keyId, latencies, period, tool, ...counts } = row;
  const added = { ...counts, ...latencies };
  try {
    // What is counted of an account that was deleted meanwhile would stay for ever.
    if (!(await findAccount(accountId))) return;
    await despiteConflicts(async () => {
      const { usage, usageByKey, usageByPair } = database();
      if (tool !== undefined && keyId !== undefined)
        return usageByPair.upsert({ accountId, period, tool, keyId }).add(added).go();
      if (tool !== undefined) return usage.update({ accountId, period, tool }).add(added).go();
      return usageByKey
        .update({ accountId, period, keyId: keyId ?? noKey })
        .add(added)
        .go();
    });
  } catch (error) {
    logger().error({ err: error, accountId, period, ...counts }, 'usage of calls was not counted');
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

/** The counters of an account by tool or by key; each row is of one of the two. */
export async function readCounters(accountId: string, filter: CounterFilter): Promise<UsageRow[]> {
  const { group, keyId, tool } = filter;
  const rows = (await queryFor(accountId, filter)).map(toRow);
  return rows
    .filter((row) => tool === undefined || row.tool === undefined || row.tool === tool)
    .filter((row) => keyId === undefined || row.keyId === undefined || row.keyId === keyId)
    .map((row) => (group === 'tool' ? { ...row, keyId: undefined } : { ...row, tool: undefined }));
}

/** The rows that leave the least to sum up. */
async function queryFor(
  accountId: string,
  { by, from, group, keyId, to, tool }: CounterFilter,
): Promise<Stored[]> {
  // The mark after `to` comes behind every letter that a period or a tool may have.
  const [first, last] = [{ period: `${by}#${from}` }, { period: `${by}#${to}\u{ffff}` }];
  const options = { pages: 'all' } as const;
  const { usage, usageByKey, usageByPair } = database();
  if (keyId !== undefined && (group === 'tool' || tool !== undefined))
    return (await usageByPair.query.byKey({ accountId, keyId }).between(first, last).go(options))
      .data;
  if (tool !== undefined && group === 'key')
    return (await usageByPair.query.byTool({ accountId, tool }).between(first, last).go(options))
      .data;
  if (group === 'tool')
    return (await usage.query.byPeriod({ accountId }).between(first, last).go(options)).data;
  return (await usageByKey.query.byPeriod({ accountId }).between(first, last).go(options)).data;
}

type Stored = Partial<Counts> &
  Latencies & { accountId: string; period: string; tool?: string; keyId?: string };

function toRow(stored: Stored): UsageRow {
  const { accountId, keyId, period, tool } = stored;
  const counts = Object.fromEntries(
    (Object.keys(zero) as (keyof Counts)[]).map((name) => [name, stored[name] ?? 0]),
  ) as Counts;
  return { accountId, period, tool, keyId, ...counts, latencies: latenciesOf(stored) };
}
