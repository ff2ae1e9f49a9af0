import { clock, isoTime } from '../../platform/clock.ts';
import type { Account } from '../account/service.ts';
import { listApiKeys } from '../api-key/service.ts';
import { listEvents } from '../audit/service.ts';
import { listDocuments } from '../billing/service.ts';
import { listFiles } from '../file/service.ts';
import { listJobs } from '../job/service.ts';
import { listSessions } from '../session/service.ts';
import { listConversations, listMessages } from '../support/service.ts';
import { everyPage } from './every-page.ts';
import { toPublicSession, toPublicUser } from './schema.ts';

/** What an account takes along when it goes: its own facts and words, no secret and no bytes. */
export async function exportAccount(account: Account, sessionId: string | undefined) {
  const { id } = account;
  const [keys, sessions, events, files, jobs, documents, conversations] = await Promise.all([
    listApiKeys(id),
    listSessions(id),
    everyPage((page) => listEvents(id, page)),
    everyPage((page) => listFiles(id, page)),
    everyPage((page) => listJobs(id, page)),
    everyPage((page) => listDocuments(id, page)),
    exportConversations(id),
  ]);
  return {
    user: toPublicUser(account),
    api_keys: keys.map(({ createdAt, id, last4, mode, name, scopes }) => {
      return { id, name, mode, last4, scopes, created_at: isoTime(createdAt) };
    }),
    sessions: sessions.map((session) => toPublicSession(session, sessionId)),
    audit_log: events.map(({ action, address, createdAt, targetId }) => {
      return { action, target: targetId, address, created_at: isoTime(createdAt) };
    }),
    files: files.map(({ createdAt, filename, id, size, type }) => {
      return { id, filename, type, size, created_at: isoTime(createdAt) };
    }),
    jobs: jobs.map(({ createdAt, id, status, tool }) => {
      return { id, tool, status, created_at: isoTime(createdAt) };
    }),
    invoices: documents.map(({ issuedAt, kind, number }) => {
      return { number, kind, issued_at: isoTime(issuedAt) };
    }),
    conversations,
    exported_at: isoTime(clock.now()),
  };
}

async function exportConversations(accountId: string) {
  const rows = await everyPage((page) => listConversations(accountId, page));
  return Promise.all(
    rows.map(async ({ createdAt, id, subject }) => ({
      id,
      subject,
      created_at: isoTime(createdAt),
      messages: await exportMessages(id),
    })),
  );
}

/** What both sides have written, without the notes of the operators. */
async function exportMessages(conversationId: string) {
  const messages = await everyPage(async ({ cursor, limit }) => {
    const after = Number(cursor ?? 0);
    const page = { after, limit, side: 'customer' } as const;
    const { hasMore, rows } = await listMessages(conversationId, page);
    return { rows, nextCursor: hasMore ? String(rows.at(-1)?.seq) : undefined };
  });
  return messages.map(({ createdAt, side, text }) => {
    return { by: side, text, created_at: isoTime(createdAt) };
  });
}
