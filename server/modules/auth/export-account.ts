import { Readable } from 'node:stream';
import { clock, isoTime } from '../../platform/clock.ts';
import type { Account } from '../account/service.ts';
import { listApiKeys, toPublicKey } from '../api-key/service.ts';
import { listEvents, toPublicEvent } from '../audit/service.ts';
import { listDocuments, readBuyer } from '../billing/service.ts';
import { listFiles, toPublicFile } from '../file/service.ts';
import { describeBatch, listBatches, listJobs, listPipelines } from '../job/service.ts';
import {
  listNotifications,
  readPreferences,
  toPublicNotification,
} from '../notification/service.ts';
import { listBrowsers } from '../push/service.ts';
import { listSessions } from '../session/service.ts';
import { listConversations, listMessages, toPublicMessage } from '../support/service.ts';
import { listRequests, readCycle, readUsage, toPublicRequest } from '../usage/service.ts';
import { listEndpoints, toPublicEndpoint } from '../webhook/service.ts';
import { everyRow } from './every-page.ts';
import { toPublicSession, toPublicUser } from './schema.ts';

/**
 * What an account takes along when it goes, as one JSON document: its own facts and words, no secret
 * and no bytes. It is read while it is sent, so that no account is too large for it.
 */
export const exportAccount = (account: Account, sessionId: string | undefined): Readable =>
  Readable.from(write(account, sessionId), { objectMode: false });

async function* write(account: Account, sessionId?: string): AsyncGenerator<string> {
  yield `{"user":${JSON.stringify(toPublicUser(account))}`;
  for (const [name, read] of Object.entries(factsOf(account)))
    yield `,"${name}":${JSON.stringify(await read())}`;
  for (const [name, rows] of Object.entries(listsOf(account, sessionId))) {
    yield `,"${name}":`;
    yield* writeList(rows, (row) => [JSON.stringify(row)]);
  }
  yield ',"conversations":';
  yield* writeList(
    everyRow((page) => listConversations(account.id, page)),
    writeConversation,
  );
  yield `,"exported_at":"${isoTime(clock.now())}"}`;
}

async function* writeList<T>(
  rows: AsyncIterable<T> | Iterable<T>,
  writeRow: (row: T) => AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<string> {
  let before = '[';
  for await (const row of rows) {
    yield before;
    yield* writeRow(row);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

/** What both sides have written, without the notes of the operators. */
async function* writeConversation(row: {
  id: string;
  subject: string;
  createdAt: number;
}): AsyncGenerator<string> {
  const { createdAt, id, subject } = row;
  const facts = JSON.stringify({ id, subject, created_at: isoTime(createdAt) });
  yield `${facts.slice(0, -1)},"messages":`;
  const messages = everyRow(async ({ cursor, limit }) => {
    const page = { after: Number(cursor ?? 0), limit, side: 'customer' } as const;
    const { hasMore, rows } = await listMessages(id, page);
    return { rows, nextCursor: hasMore ? String(rows.at(-1)?.seq) : undefined };
  });
  yield* writeList(messages, (message) => [JSON.stringify(toPublicMessage(message))]);
  yield '}';
}

/** What there is one of. */
const factsOf = (account: Account): Record<string, () => Promise<unknown>> => ({
  billing_details: async () => (await readBuyer(account)).buyer,
  notification_preferences: () => readPreferences(account.id),
  quota: async () => {
    const { beganAt, limit, resetsAt, used } = await readCycle(account);
    return { limit, used, began_at: isoTime(beganAt), resets_at: isoTime(resetsAt) };
  },
});

type Rows = AsyncIterable<unknown> | Iterable<unknown>;

/** What there are many of; each list is read when its turn has come. */
function listsOf(account: Account, sessionId?: string): Record<string, Rows> {
  const { id } = account;
  return {
    api_keys: later(async () => (await listApiKeys(id)).map(toPublicKey)),
    sessions: later(async () =>
      (await listSessions(id)).map((session) => toPublicSession(session, sessionId)),
    ),
    push_subscriptions: later(async () =>
      (await listBrowsers(id)).map(({ createdAt, service }) => {
        return { service, created_at: isoTime(createdAt) };
      }),
    ),
    webhook_endpoints: later(async () => (await listEndpoints(id)).map(toPublicEndpoint)),
    files: mapped(
      everyRow((page) => listFiles(id, page)),
      toPublicFile,
    ),
    jobs: mapped(
      everyRow((page) => listJobs(id, page)),
      ({ createdAt, id: jobId, status, tool }) => {
        return { id: jobId, tool, status, created_at: isoTime(createdAt) };
      },
    ),
    batches: mapped(
      everyRow((page) => listBatches(id, page)),
      describeBatch,
    ),
    pipelines: mapped(
      everyRow((page) => listPipelines(id, page)),
      ({ createdAt, id: pipelineId, name, steps }) => {
        return { id: pipelineId, name, steps: JSON.parse(steps), created_at: isoTime(createdAt) };
      },
    ),
    usage: usageRows(id),
    request_logs: mapped(
      everyRow((page) => listRequests(id, page)),
      toPublicRequest,
    ),
    invoices: mapped(
      everyRow((page) => listDocuments(id, page)),
      ({ id: invoiceId, issuedAt, kind, number }) => {
        const pdf = `/api/v1/invoices/${invoiceId}/pdf`;
        return { id: invoiceId, number, kind, issued_at: isoTime(issuedAt), pdf };
      },
    ),
    notifications: mapped(
      everyRow((page) => listNotifications(id, { ...page, unread: false })),
      toPublicNotification,
    ),
    audit_log: mapped(
      everyRow((page) => listEvents(id, page)),
      toPublicEvent,
    ),
  };
}

async function* later<T>(read: () => Promise<T[]>): AsyncGenerator<T> {
  yield* await read();
}

async function* mapped<T>(
  rows: AsyncIterable<T>,
  toPublic: (row: T) => unknown,
): AsyncGenerator<unknown> {
  for await (const row of rows) yield await toPublic(row);
}

/** The counters of every day by tool and by key, one month at a time. */
async function* usageRows(accountId: string): AsyncGenerator<unknown> {
  const months = await readUsage(accountId, { by: 'month', group_by: 'tool' });
  for (const { period } of months.periods)
    for (const group_by of ['tool', 'key'] as const)
      yield* (await readUsage(accountId, { by: 'day', group_by, period })).data;
}
