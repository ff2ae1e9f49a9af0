import { isAppError } from '@nebula/contract/errors';
import { toPage } from '../../platform/page.ts';
import { accountProcedure, router } from '../../trpc.ts';
import type { Account } from '../account/service.ts';
import { registerJoinRule } from '../realtime/service.ts';
import {
  attachmentInput,
  attachmentSchema,
  conversationIdInput,
  conversationListSchema,
  conversationSchema,
  createConversationInput,
  listConversationsInput,
  listMessagesInput,
  markInput,
  messageListSchema,
  messageSchema,
  postMessageInput,
  toPublicConversation,
  toPublicMessage,
  typingSchema,
} from './schema.ts';
import {
  beginConversation,
  findKey,
  listConversations,
  listMessages,
  markMessages,
  openAttachment,
  postMessage,
  readConversation,
  readOffice,
  tellTyping,
} from './service.ts';

const access = { scope: 'support:write' };
const owns = 'conversation';
const tags: [string] = ['Support'];

/** A customer hears their own conversations, an operator every one. */
async function mayHear({ id: accountId, role }: Account, id: string): Promise<boolean> {
  try {
    const key = await findKey(id);
    return role === 'admin' || key.accountId === accountId;
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return false;
    throw error;
  }
}

registerJoinRule('conversation', mayHear);
registerJoinRule('presence-conversation', mayHear);

export const conversationRouter = router({
  list: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/conversations',
        summary: 'List your conversations with support',
        description: 'The one written into last comes first; says whether somebody is there now.',
        tags,
        output: conversationListSchema,
      },
    })
    .input(listConversationsInput)
    .query(async ({ ctx, input }) => {
      const { nextCursor, rows, unread } = await listConversations(ctx.actor.account.id, input);
      const page = toPage(
        rows.map((row) => toPublicConversation(row)),
        nextCursor,
      );
      return { ...page, unread, office: readOffice() };
    }),

  create: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/conversations',
        summary: 'Begin a conversation with support',
        description: 'The answer is announced live, and by mail where it stays unread.',
        tags,
        output: conversationSchema,
        status: 201,
      },
    })
    .input(createConversationInput)
    .mutation(async ({ ctx, input }) => {
      const row = await beginConversation(input.subject, {
        side: 'customer',
        author: ctx.actor.account,
        text: input.message,
        fileIds: input.file_ids,
        jobId: input.job_id,
        clientId: input.client_id,
      });
      return toPublicConversation(row);
    }),

  get: accountProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'GET',
        path: '/conversations/{id}',
        summary: 'Read a conversation',
        description:
          'Its state, and how far each side has read; the messages are a list of its own.',
        tags,
        output: conversationSchema,
      },
    })
    .input(conversationIdInput)
    .query(async ({ ctx, input: { id } }) =>
      toPublicConversation(await readConversation({ accountId: ctx.actor.account.id, id })),
    ),

  messages: accountProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'GET',
        path: '/conversations/{id}/messages',
        summary: 'Read the messages of a conversation',
        description:
          'The newest, the oldest of them first. With `after` what has come since: ask with the last number that you have until `has_more` is false, and you have each message once and in order.',
        tags,
        output: messageListSchema,
      },
    })
    .input(listMessagesInput)
    .query(async ({ ctx, input: { id, ...place } }) => {
      await readConversation({ accountId: ctx.actor.account.id, id });
      const { hasMore, rows } = await listMessages(id, { ...place, side: 'customer' });
      return { data: rows.map(toPublicMessage), has_more: hasMore };
    }),

  post: accountProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'POST',
        path: '/conversations/{id}/messages',
        summary: 'Write into a conversation',
        description: 'A conversation that was closed is open again.',
        tags,
        output: messageSchema,
        status: 201,
      },
    })
    .input(postMessageInput)
    .mutation(async ({ ctx, input }) => {
      const author = ctx.actor.account;
      const message = await postMessage(
        { accountId: author.id, id: input.id },
        {
          side: 'customer',
          author,
          text: input.text,
          fileIds: input.file_ids,
          jobId: input.job_id,
          clientId: input.client_id,
        },
      );
      return toPublicMessage(message);
    }),

  mark: accountProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'POST',
        path: '/conversations/{id}/read',
        summary: 'Say how far you have read',
        description: 'Only moves forward; what came after `seq` stays unread.',
        tags,
        output: conversationSchema,
      },
    })
    .input(markInput)
    .mutation(async ({ ctx, input: { id, mark, seq } }) => {
      const key = { accountId: ctx.actor.account.id, id };
      return toPublicConversation(await markMessages(key, { mark, seq, side: 'customer' }));
    }),

  typing: accountProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'POST',
        path: '/conversations/{id}/typing',
        summary: 'Say that you are writing',
        description: 'Shown to the other side for a few seconds; it is kept nowhere.',
        tags,
        output: typingSchema,
      },
    })
    .input(conversationIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      const { id: accountId, name } = ctx.actor.account;
      await readConversation({ accountId, id });
      tellTyping(id, 'customer', name);
      return { object: 'typing' as const };
    }),

  attachment: accountProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'GET',
        path: '/conversations/{id}/messages/{seq}/files/{file_id}',
        summary: 'Get the address of an attached file',
        description: 'A file of either side, for as long as its owner keeps it.',
        tags,
        output: attachmentSchema,
      },
    })
    .input(attachmentInput)
    .query(async ({ ctx, input: { file_id: fileId, id, seq } }) => {
      await readConversation({ accountId: ctx.actor.account.id, id });
      return openAttachment({ fileId, id, seq }, 'customer');
    }),
});
