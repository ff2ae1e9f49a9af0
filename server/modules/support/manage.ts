import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { findAccount } from '../account/service.ts';
import { changeConversation } from './rows.ts';
import type { CannedReplyRow, ConversationKey, ConversationRow } from './schema.ts';
import { tellChange } from './tell.ts';

/** What an operator may change of a conversation. */
export type ConversationChange = {
  status?: ConversationRow['status'];
  /** Null: nobody answers it. */
  assigneeId?: string | null;
};

/** Closes or opens a conversation, or says who answers it. */
export async function updateConversation(
  key: ConversationKey,
  { assigneeId, status }: ConversationChange,
): Promise<ConversationRow> {
  const assignee = assigneeId ? await findOperator(assigneeId) : undefined;
  const { before, row } = await changeConversation(key, (now) => {
    const next: ConversationRow = { ...now };
    if (assigneeId !== undefined) {
      next.assigneeId = assignee?.id;
      next.assigneeName = assignee?.name;
    }
    if (status !== undefined) next.status = status;
    // What is closed waits for nobody.
    if (status === 'closed') next.operatorMailAt = undefined;
    return { next, result: { before: now, row: next } };
  });
  if (row.assigneeId !== before.assigneeId) await tellChange(row, 'conversation.assigned');
  if (row.status !== before.status)
    await tellChange(row, row.status === 'closed' ? 'conversation.closed' : 'conversation.updated');
  return row;
}

async function findOperator(id: string) {
  const account = await findAccount(id);
  if (account?.role === 'admin') return account;
  throw new AppError('invalid_input', 'Expected the id of an admin.', { param: 'assignee_id' });
}

/** The replies that operators keep ready. */
export async function listCanned(): Promise<CannedReplyRow[]> {
  const { data } = await database().cannedReply.query.all({}).go({ pages: 'all' });
  return data.sort((one, two) => one.title.localeCompare(two.title));
}

type Canned = Pick<CannedReplyRow, 'text' | 'title'>;

export async function createCanned(canned: Canned): Promise<CannedReplyRow> {
  const now = clock.now();
  const row = { ...canned, id: newId('can'), createdAt: now, updatedAt: now };
  await database().cannedReply.create(row).go();
  return row;
}

export async function updateCanned(id: string, change: Partial<Canned>): Promise<CannedReplyRow> {
  const row = { ...(await findCanned(id)), ...change, updatedAt: clock.now() };
  await database().cannedReply.put(row).go();
  return row;
}

export async function deleteCanned(id: string): Promise<void> {
  await findCanned(id);
  await database().cannedReply.delete({ id }).go();
}

async function findCanned(id: string): Promise<CannedReplyRow> {
  const { data } = await database().cannedReply.get({ id }).go({ consistent: true });
  if (!data) throw new AppError('not_found', 'There is no such canned reply.');
  return data;
}
