import { toPage } from '../../platform/page.ts';
import { adminProcedure, router } from '../../trpc.ts';
import {
  adminConversationSchema,
  adminDetailSchema,
  adminListInput,
  adminListSchema,
  adminUpdateInput,
  attachmentInput,
  attachmentSchema,
  conversationIdInput,
  listMessagesInput,
  markInput,
  messageListSchema,
  messageSchema,
  replyInput,
  toAdminConversation,
  toPublicMessage,
  typingSchema,
} from './schema.ts';
import {
  describeCustomer,
  findKey,
  listMessages,
  markMessages,
  openAttachment,
  postMessage,
  readConversation,
  searchConversations,
  tellTyping,
  updateConversation,
} from './service.ts';

const access = 'admin';
const owns = 'conversation';
const tags: [string] = ['Admin'];

/** Every conversation, for those who answer. */
export const adminConversationRouter = router({
  list: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/admin/conversations',
        summary: 'List conversations of all customers',
        description: 'Those in one state, the one written into last first.',
        tags,
        output: adminListSchema,
      },
    })
    .input(adminListInput)
    .query(async ({ input }) => {
      const { nextCursor, rows } = await searchConversations(input);
      return toPage(rows.map(toAdminConversation), nextCursor);
    }),

  get: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'GET',
        path: '/admin/conversations/{id}',
        summary: 'Read a conversation with its customer',
        description: 'With the plan, what is left of it, and the last calls.',
        tags,
        output: adminDetailSchema,
      },
    })
    .input(conversationIdInput)
    .query(async ({ input: { id } }) => {
      const row = await readConversation(await findKey(id));
      const customer = await describeCustomer(row.accountId);
      return { conversation: toAdminConversation(row), customer };
    }),

  messages: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'GET',
        path: '/admin/conversations/{id}/messages',
        summary: 'Read the messages and the private notes',
        description: 'The newest, or those after or before a sequence number; the oldest first.',
        tags,
        output: messageListSchema,
      },
    })
    .input(listMessagesInput)
    .query(async ({ input: { id, ...place } }) => {
      await findKey(id);
      const { hasMore, rows } = await listMessages(id, { ...place, side: 'operator' });
      return { data: rows.map(toPublicMessage), has_more: hasMore };
    }),

  reply: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'POST',
        path: '/admin/conversations/{id}/messages',
        summary: 'Answer a customer, or leave a private note',
        description: 'An answer sets the conversation to `pending`; a note changes nothing.',
        tags,
        output: messageSchema,
        status: 201,
      },
    })
    .input(replyInput)
    .mutation(async ({ ctx, input }) => {
      const message = await postMessage(await findKey(input.id), {
        side: 'operator',
        author: ctx.actor.account,
        text: input.text,
        fileIds: input.file_ids,
        clientId: input.client_id,
        isNote: input.is_private,
      });
      return toPublicMessage(message);
    }),

  mark: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'POST',
        path: '/admin/conversations/{id}/read',
        summary: 'Say how far the support has read',
        description: 'Only moves forward; the customer sees it.',
        tags,
        output: adminConversationSchema,
      },
    })
    .input(markInput)
    .mutation(async ({ input: { id, mark, seq } }) =>
      toAdminConversation(await markMessages(await findKey(id), { mark, seq, side: 'operator' })),
    ),

  typing: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'POST',
        path: '/admin/conversations/{id}/typing',
        summary: 'Say that the support is writing',
        description: 'Shown to the customer for a few seconds.',
        tags,
        output: typingSchema,
      },
    })
    .input(conversationIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      await findKey(id);
      tellTyping(id, 'operator', ctx.actor.account.name);
      return { object: 'typing' as const };
    }),

  update: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'PATCH',
        path: '/admin/conversations/{id}',
        summary: 'Assign, close or open a conversation',
        description: 'Changes what is named and nothing else.',
        tags,
        output: adminConversationSchema,
      },
    })
    .input(adminUpdateInput)
    .mutation(async ({ input: { assignee_id: assigneeId, id, status } }) =>
      toAdminConversation(await updateConversation(await findKey(id), { assigneeId, status })),
    ),

  attachment: adminProcedure
    .meta({
      access,
      owns,
      openapi: {
        method: 'GET',
        path: '/admin/conversations/{id}/messages/{seq}/files/{file_id}',
        summary: 'Get the address of a file that a message carries',
        description: 'Works for as long as its owner keeps the file.',
        tags,
        output: attachmentSchema,
      },
    })
    .input(attachmentInput)
    .query(async ({ input: { file_id: fileId, id, seq } }) => {
      await findKey(id);
      return openAttachment({ fileId, id, seq }, 'operator');
    }),
});
