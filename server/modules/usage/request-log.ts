import { AppError } from '@nebula/contract/errors';
import { encodeTime, ulid } from 'ulid';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import { logger } from '../../platform/logger.ts';
import { findAccount } from '../account/service.ts';
import type { RequestLogRow, StatusClass } from './request-log-schema.ts';

const keptMilliseconds = 30 * 24 * 60 * 60 * 1000;
const flushMilliseconds = 2_000;
const maxAttempts = 3;

/** Rows that may wait for a slow database; what comes beyond is not kept. */
const maxPending = 10_000;

/** What one call of a tool was, whatever became of it; bodies are never part of it. */
export type LoggedCall = Omit<RequestLogRow, 'id' | 'statusClass' | 'expiresAt'>;

let pending: LoggedCall[] = [];
let dropped = 0;
let timer: NodeJS.Timeout | undefined;
let writing: Promise<void> = Promise.resolve();

/** Notes a call. Rows are written together shortly after, so that no caller waits for them. */
export function logRequest(call: LoggedCall): void {
  if (pending.length >= maxPending) {
    dropped += 1;
    return;
  }
  pending.push(call);
  timer ??= setTimeout(() => void flushRequestLog(), flushMilliseconds);
}

/** Writes what is pending; called on shutdown too. Never fails. */
export function flushRequestLog(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const calls = pending;
  pending = [];
  if (dropped > 0) logger().error({ count: dropped }, 'calls were not logged: too many waited');
  dropped = 0;
  if (calls.length > 0)
    writing = writing
      .then(() => write(calls.map(toRow)))
      .catch((error: unknown) =>
        logger().error({ err: error, count: calls.length }, 'calls were not logged'),
      );
  return writing;
}

async function write(rows: RequestLogRow[]): Promise<void> {
  let left = await ofThoseWhoStay(rows);
  for (let attempt = 0; left.length > 0 && attempt < maxAttempts; attempt++) {
    const { unprocessed } = await database().requestLog.put(left).go();
    const ids = new Set(unprocessed.map(({ id }) => id));
    left = left.filter(({ id }) => ids.has(id));
  }
  if (left.length > 0) throw new Error(`${left.length} rows were not taken.`);
}

/** What is logged of an account that was deleted meanwhile would stay for a month. */
async function ofThoseWhoStay(rows: RequestLogRow[]): Promise<RequestLogRow[]> {
  const ids = [...new Set(rows.map(({ accountId }) => accountId))];
  const accounts = await Promise.all(ids.map(findAccount));
  const gone = new Set(ids.filter((_id, at) => accounts[at] === undefined));
  return rows.filter(({ accountId }) => !gone.has(accountId));
}

function toRow(call: LoggedCall): RequestLogRow {
  const expiresAt = Math.floor((call.createdAt + keptMilliseconds) / 1000);
  return {
    ...call,
    id: `log_${ulid(call.createdAt)}`,
    statusClass: classOf(call.status),
    expiresAt,
  };
}

const classOf = (status: number): StatusClass =>
  status < 400 ? '2xx' : status < 500 ? '4xx' : '5xx';

/** Which calls to list; times are milliseconds, `to` is not included. */
export type RequestLogFilter = {
  tool?: string;
  statusClass?: StatusClass;
  keyId?: string;
  from?: number;
  to?: number;
  cursor?: string;
  limit: number;
};

/** Rows that one request looks through where the index alone does not filter. */
const pageRows = 500;
const maxPages = 8;

/**
 * The newest calls of an account that pass a filter, from where a cursor says. What is looked
 * through for one page is bounded: a page may be short, and have a next one all the same.
 */
export async function listRequests(
  accountId: string,
  filter: RequestLogFilter,
): Promise<{ rows: RequestLogRow[]; nextCursor?: string }> {
  const { cursor, from, keyId, limit, statusClass, to, tool } = filter;
  const list = `request-logs:${JSON.stringify([accountId, tool, statusClass, keyId, from, to])}`;
  const now = clock.now();
  // DynamoDB takes its time to remove a row; one that is over is not shown meanwhile.
  const first = idAt(Math.max(from ?? 0, now - keptMilliseconds));
  let end = cursor === undefined ? idAt(to ?? now + 60_000) : readCursor(list, cursor);
  const passes = (row: RequestLogRow) =>
    row.id < end &&
    (tool === undefined || row.tool === tool) &&
    (statusClass === undefined || row.statusClass === statusClass) &&
    (keyId === undefined || row.keyId === keyId);
  const rows: RequestLogRow[] = [];
  for (let page = 0; page < maxPages && first < end; page++) {
    const { data } = await queryFor(accountId, filter)
      .between({ id: first }, { id: end })
      .go({ order: 'desc', limit: pageRows, pages: 1 });
    rows.push(...data.filter(passes));
    const last = data.at(-1);
    if (rows.length > limit) return toPage(rows, limit, list);
    if (last === undefined || last.id === end || data.length < pageRows) return { rows };
    end = last.id;
  }
  return { rows, nextCursor: first < end ? signCursor(list, end) : undefined };
}

function toPage(found: RequestLogRow[], limit: number, list: string) {
  const rows = found.slice(0, limit);
  return { rows, nextCursor: signCursor(list, rows.at(-1)?.id ?? '') };
}

/** The index that leaves the least to look through. */
function queryFor(
  accountId: string,
  { statusClass, tool }: Pick<RequestLogFilter, 'statusClass' | 'tool'>,
) {
  const { query } = database().requestLog;
  if (statusClass !== undefined && statusClass !== '2xx')
    return query.byStatus({ accountId, statusClass });
  if (tool !== undefined) return query.byTool({ accountId, tool });
  return query.byAccount({ accountId });
}

const idAt = (milliseconds: number) => `log_${encodeTime(Math.max(0, milliseconds), 10)}`;

/**
 * One call of an account.
 *
 * @throws AppError `not_found` for one that is unknown, over, or of somebody else
 */
export async function findRequest(target: { accountId: string; id: string }) {
  const { data } = await database().requestLog.get(target).go();
  if (data && data.expiresAt * 1000 > clock.now()) return data;
  throw new AppError('not_found', 'There is no such call in the log. Calls are kept for 30 days.');
}
