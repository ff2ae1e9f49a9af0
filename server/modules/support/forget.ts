import { database } from '../../database.ts';

/** Removes every conversation of an account with its messages; the row by which it is found goes last. */
export async function deleteConversations(accountId: string): Promise<void> {
  const { conversation, conversationOwner, message } = database();
  const { data } = await conversation.query.byAccount({ accountId }).go({ pages: 'all' });
  for (const { id } of data) {
    const messages = await message.query.byConversation({ conversationId: id }).go({
      pages: 'all',
    });
    const keys = messages.data.map(({ seq }) => ({ conversationId: id, seq }));
    if (keys.length > 0) await message.delete(keys).go();
    await conversationOwner.delete({ id }).go();
    await conversation.delete({ accountId, id }).go();
  }
}
