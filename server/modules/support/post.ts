import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { env } from '../../env.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { writeTogether } from '../../write-together.ts';
import type { Account } from '../account/service.ts';
import { describeAttached, describeJob } from './attach.ts';
import { lateAt } from './office-hours.ts';
import { changeConversation, readConversation, readMessage, watched } from './rows.ts';
import type { ConversationKey, ConversationRow, MessageRow, Side } from './schema.ts';
import { tellMessage } from './tell.ts';

const rememberedSeconds = 7 * 24 * 60 * 60;
const maxPreview = 140;
/** So much of the end of a conversation is found by its words; the row stays small. */
const maxSaid = 8_000;

/** What somebody writes. */
export type Written = {
  side: Side;
  author: Account;
  text: string;
  fileIds: string[];
  jobId?: string;
  clientId?: string;
  isNote?: boolean;
};

/**
 * Adds a message to a conversation, at the next place of its one order.
 *
 * @returns the message; for a `clientId` that has come before, the one that it made
 */
export async function postMessage(key: ConversationKey, written: Written): Promise<MessageRow> {
  await readConversation(key);
  const sent = await findSent(key.id, written);
  if (sent) return sent;
  const carried = await describeCarried(written);
  const { isNew, message, row } = await changeConversation(key, async (before) => {
    const earlier = await findSent(key.id, written);
    if (earlier) return { result: { isNew: false, message: earlier, row: before } };
    const { message: added, row: after } = addMessage(before, written, carried);
    return {
      next: after,
      beside: (entities) => [
        entities.message.create(added).commit(),
        ...(written.clientId === undefined
          ? []
          : [entities.messageSend.create(sentRow(key.id, written.clientId, added)).commit()]),
      ],
      result: { isNew: true, message: added, row: after },
    };
  });
  if (isNew) await tellMessage(row, message);
  return message;
}

/** Begins a conversation with its first message. */
export async function beginConversation(
  subject: string,
  written: Written,
): Promise<ConversationRow> {
  const { author, clientId } = written;
  const earlier = await findSent('new', written);
  if (earlier) return readConversation({ accountId: author.id, id: earlier.conversationId });
  const carried = await describeCarried(written);
  const blank = blankConversation(author, subject);
  const { message, row } = addMessage(blank, written, carried);
  const stored = watched(row);
  const isWritten = await writeTogether((entities) => [
    entities.conversation.create(stored).commit(),
    entities.conversationOwner.create({ id: row.id, accountId: author.id }).commit(),
    entities.message.create(message).commit(),
    ...(clientId === undefined
      ? []
      : [entities.messageSend.create(sentRow('new', clientId, message)).commit()]),
  ]);
  if (isWritten) {
    await tellMessage(row, message);
    return stored;
  }
  const winner = await findSent('new', written);
  if (winner) return readConversation({ accountId: author.id, id: winner.conversationId });
  throw new AppError('conflict', 'The conversation was not begun. Try again in a moment.');
}

type Carried = Pick<MessageRow, 'files' | 'job'>;

async function describeCarried({ author, fileIds, jobId }: Written): Promise<Carried> {
  const [files, job] = await Promise.all([
    describeAttached(author.id, fileIds),
    jobId === undefined ? undefined : describeJob(author.id, jobId),
  ]);
  return {
    ...(files.length > 0 ? { files: JSON.stringify(files) } : {}),
    ...(job ? { job: JSON.stringify(job) } : {}),
  };
}

/** The message at the next place, and the conversation after it. */
function addMessage(
  before: ConversationRow,
  { author, clientId, isNote = false, side, text }: Written,
  carried: Carried,
): { message: MessageRow; row: ConversationRow } {
  const now = clock.now();
  const seq = before.lastSeq + 1;
  const row = isNote
    ? { ...before, lastSeq: seq }
    : { ...before, ...(side === 'customer' ? asked(before, now) : answered(before, now)) };
  const message: MessageRow = {
    conversationId: row.id,
    seq,
    side,
    authorId: author.id,
    authorName: author.name,
    text,
    isNote,
    ...carried,
    ...(clientId === undefined ? {} : { clientId }),
    customerCount: row.customerCount,
    operatorCount: row.operatorCount,
    createdAt: now,
  };
  if (isNote) return { message, row };
  return {
    message,
    row: {
      ...row,
      lastSeq: seq,
      lastVisibleSeq: seq,
      said: `${before.said ?? ''}\n${text.toLowerCase()}`.slice(-maxSaid),
      lastText: text.length > maxPreview ? `${text.slice(0, maxPreview)}…` : text,
      lastBy: side,
      lastMessageAt: now,
    },
  };
}

/** The customer waits: once for each run of questions somebody is told if nobody answers. */
function asked(row: ConversationRow, now: number): Partial<ConversationRow> {
  return {
    status: 'open',
    customerCount: row.customerCount + 1,
    customerMailAt: undefined,
    isCustomerMailed: false,
    operatorMailAt: row.isOperatorMailed ? undefined : (row.operatorMailAt ?? lateAt(now)),
  };
}

/** The customer is told by mail once for each run of answers, if it stays unread. */
function answered(row: ConversationRow, now: number): Partial<ConversationRow> {
  const unreadMilliseconds = env().SUPPORT_UNREAD_MINUTES * 60_000;
  return {
    status: 'pending',
    operatorCount: row.operatorCount + 1,
    operatorMailAt: undefined,
    isOperatorMailed: false,
    customerMailAt: row.isCustomerMailed
      ? undefined
      : (row.customerMailAt ?? now + unreadMilliseconds),
  };
}

function blankConversation({ email, id, name }: Account, subject: string): ConversationRow {
  const now = clock.now();
  return {
    accountId: id,
    id: newId('cnv'),
    subject,
    status: 'open',
    customerName: name,
    customerEmail: email,
    search: `${subject}\n${name}\n${email}`.toLowerCase(),
    revision: 1,
    lastSeq: 0,
    lastVisibleSeq: 0,
    lastText: '',
    lastBy: 'customer',
    lastMessageAt: now,
    customerCount: 0,
    operatorCount: 0,
    customerReadSeq: 0,
    customerReadCount: 0,
    operatorReadSeq: 0,
    operatorReadCount: 0,
    customerDeliveredSeq: 0,
    operatorDeliveredSeq: 0,
    isCustomerMailed: false,
    isOperatorMailed: false,
    watch: 'none',
    dueAt: now,
    createdAt: now,
    updatedAt: now,
  };
}

async function findSent(
  target: string,
  { author, clientId }: Written,
): Promise<MessageRow | undefined> {
  if (clientId === undefined) return undefined;
  const { data } = await database()
    .messageSend.get({ target, authorId: author.id, clientId })
    .go({ consistent: true });
  return data ? readMessage(data.conversationId, data.seq) : undefined;
}

function sentRow(target: string, clientId: string, message: MessageRow) {
  const { authorId, conversationId, createdAt, seq } = message;
  const expiresAt = Math.floor(createdAt / 1000) + rememberedSeconds;
  return { target, authorId, clientId, conversationId, seq, expiresAt };
}
