import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { type Beside, writeTogether } from '../../write-together.ts';
import type { ConversationKey, ConversationRow, MessageRow } from './schema.ts';

const maxRaces = 50;

/** What becomes of a conversation, and what else is written with it or not at all. */
export type Change<T> = {
  /** Absent: nothing is to be written. */
  next?: ConversationRow;
  beside?: Beside;
  result: T;
};

/** @throws AppError `not_found` for one that is missing or belongs to somebody else */
export async function readConversation({
  accountId,
  id,
}: ConversationKey): Promise<ConversationRow> {
  const { data } = await database().conversation.get({ accountId, id }).go({ consistent: true });
  if (!data) throw missing();
  return data;
}

/** The key of a conversation of which an operator knows the id alone. */
export async function findKey(id: string): Promise<ConversationKey> {
  const { data } = await database().conversationOwner.get({ id }).go({ consistent: true });
  if (!data) throw missing();
  return { id, accountId: data.accountId };
}

const missing = () => new AppError('not_found', 'There is no such conversation.');

/** The message at a place. */
export async function readMessage(
  conversationId: string,
  seq: number,
): Promise<MessageRow | undefined> {
  const { data } = await database().message.get({ conversationId, seq }).go({ consistent: true });
  return data ?? undefined;
}

/**
 * Changes a conversation as it is now: what is decided on an old state is decided anew. That gives
 * messages one order and keeps every count exact, whoever writes at the same moment.
 */
export function changeConversation<T>(
  key: ConversationKey,
  decide: (row: ConversationRow) => Promise<Change<T>> | Change<T>,
): Promise<T> {
  return inTurn(key.id, async () => {
    for (let races = 0; races < maxRaces; races++) {
      const row = await readConversation(key);
      const { beside, next, result } = await decide(row);
      if (!next) return result;
      const written = { ...watched(next), revision: row.revision + 1 };
      const isWritten = await writeTogether((entities) => [
        entities.conversation
          .put(written)
          .where(({ revision }, { eq }) => eq(revision, row.revision))
          .commit(),
        ...(beside?.(entities) ?? []),
      ]);
      if (isWritten) return result;
    }
    throw new AppError('conflict', 'The conversation is changing. Try again in a moment.');
  });
}

/** The row with the index by which the sweeper finds it. */
export function watched(row: ConversationRow): ConversationRow {
  const times = [row.customerMailAt, row.operatorMailAt].flatMap((at) => at ?? []);
  return {
    ...row,
    updatedAt: clock.now(),
    watch: times.length > 0 ? 'waiting' : 'none',
    dueAt: times.length > 0 ? Math.min(...times) : row.lastMessageAt,
  };
}

const turns = new Map<string, Promise<unknown>>();

/** Writers of this process wait for each other instead of beating each other's conditions. */
function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(id) ?? Promise.resolve()).then(work);
  const over = turn.then(
    () => {},
    () => {},
  );
  turns.set(id, over);
  void over.then(() => {
    if (turns.get(id) === over) turns.delete(id);
  });
  return turn;
}
