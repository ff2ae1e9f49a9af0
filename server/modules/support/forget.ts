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
    await forgetSent(accountId, id);
    await conversationOwner.delete({ id }).go();
    await conversation.delete({ accountId, id }).go();
  }
  await forgetSent(accountId, 'new');
}

/** Forgets which messages of an account have come. */
async function forgetSent(authorId: string, target: string): Promise<void> {
  const { messageSend } = database();
  const { data } = await messageSend.query.byClientId({ authorId, target }).go({ pages: 'all' });
  if (data.length > 0) await messageSend.delete(data).go();
}
