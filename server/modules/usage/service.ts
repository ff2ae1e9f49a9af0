import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import type { UsageRow } from './schema.ts';

export type { KeyCap } from './key-cap.ts';
export {
  assertQuotaLeft,
  type QuotaState,
  type Reservation,
  readQuota,
  reserveQuota,
} from './quota.ts';

const logSeconds = 30 * 24 * 60 * 60;
const flushMilliseconds = 250;

/** What one finished call was; bodies are never part of it. */
export type CallRecord = {
  accountId: string;
  requestId: string;
  keyId?: string;
  tool: string;
  status: number;
  code?: string;
  bytesIn: number;
  bytesOut: number;
  queueMs?: number;
  runMs?: number;
  totalMs: number;
};

/** Notes a call. Rows are written together shortly after, so that no caller waits for them. */
export function recordCall(call: CallRecord): void {
  pending.push({ ...call, at: clock.now() });
  timer ??= setTimeout(() => void flushUsage(), flushMilliseconds);
}

type PendingCall = CallRecord & { at: number };

let pending: PendingCall[] = [];
let timer: NodeJS.Timeout | undefined;
let writing: Promise<void> = Promise.resolve();

/** Writes what is pending; called on shutdown too. */
export function flushUsage(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const calls = pending;
  pending = [];
  if (calls.length > 0) writing = writing.then(() => write(calls)).catch(giveUp(calls.length));
  return writing;
}

const giveUp = (count: number) => (error: unknown) =>
  logger().error({ err: error, count }, 'usage of calls was not recorded');

async function write(calls: PendingCall[]): Promise<void> {
  const logs = calls.map(({ at, ...call }) => ({
    ...call,
    id: newId('log'),
    createdAt: at,
    expiresAt: Math.floor(at / 1000) + logSeconds,
  }));
  await database().requestLog.put(logs).go();
  await Promise.all([...countersOf(calls).values()].map(addCounters));
}

/** One update for each account, tool and period, however many calls there were. */
function countersOf(calls: PendingCall[]): Map<string, UsageRow> {
  const rows = new Map<string, UsageRow>();
  for (const call of calls) {
    const day = new Date(call.at).toISOString().slice(0, 10);
    for (const period of [`day#${day}`, `month#${day.slice(0, 7)}`]) {
      const key = [call.accountId, period, call.tool].join(' ');
      const row = rows.get(key) ?? emptyRow(call, period);
      row.calls += 1;
      if (call.status < 400) row.succeeded += 1;
      else row.failed += 1;
      row.bytesIn += call.bytesIn;
      row.bytesOut += call.bytesOut;
      row.runMs += call.runMs ?? 0;
      rows.set(key, row);
    }
  }
  return rows;
}

function emptyRow({ accountId, tool }: PendingCall, period: string): UsageRow {
  const zero = { calls: 0, succeeded: 0, failed: 0, bytesIn: 0, bytesOut: 0, runMs: 0 };
  return { accountId, period, tool, ...zero };
}

async function addCounters({ accountId, period, tool, ...counts }: UsageRow): Promise<void> {
  await database().usage.update({ accountId, period, tool }).add(counts).go();
}

/** The counters of an account by tool, for `day#…` or `month#…` periods that begin with a text. */
export async function readUsage(accountId: string, period: string): Promise<UsageRow[]> {
  const { data } = await database().usage.query.byPeriod({ accountId }).begins({ period }).go();
  return data.map((row) => ({
    ...emptyRow({ ...row } as never, row.period),
    ...row,
  }));
}
