import { database } from '../../database.ts';
import { isConditionFailure, removeEach } from '../../platform/dynamo.ts';
import type { ConversationRow } from './schema.ts';

const page = { limit: 100, consistent: true } as const;

/** Removes every conversation of an account with its messages. */
export async function deleteConversations(accountId: string): Promise<void> {
  const { conversation } = database();
  await removeEach(
    () => conversation.query.byAccount({ accountId }).go(page),
    (rows) => Promise.all(rows.map(deleteConversation)),
  );
  await forgetSent(accountId, 'new');
}

/** The row by which it is found goes last, and stays where a message has come meanwhile. */
async function deleteConversation({ accountId, id, revision: seen }: ConversationRow) {
  const { conversation, conversationOwner, message } = database();
  await removeEach(
    () => message.query.byConversation({ conversationId: id }).go(page),
    (rows) => message.delete(rows).go(),
  );
  await forgetSent(accountId, id);
  await conversationOwner.delete({ id }).go();
  try {
    await conversation
      .delete({ accountId, id })
      .where(({ revision }, { eq }) => eq(revision, seen))
      .go();
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
}

/** Forgets which messages of an account have come. */
async function forgetSent(authorId: string, target: string): Promise<void> {
  const { messageSend } = database();
  await removeEach(
    () => messageSend.query.byClientId({ authorId, target }).go(page),
    (rows) => messageSend.delete(rows).go(),
  );
}
