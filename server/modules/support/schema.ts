import type { EntityItem } from 'electrodb';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { idSchema } from '../../platform/ids.ts';
import type { cannedReplyEntity, conversationEntity, messageEntity } from './entity.ts';

export type ConversationRow = EntityItem<typeof conversationEntity>;
export type MessageRow = EntityItem<typeof messageEntity>;
export type CannedReplyRow = EntityItem<typeof cannedReplyEntity>;

/** Names one conversation of one account. */
export type ConversationKey = Pick<ConversationRow, 'accountId' | 'id'>;

/** Which end of a conversation somebody is at. */
export type Side = MessageRow['side'];

export const statuses = ['open', 'pending', 'closed'] as const;

const conversationId = idSchema('cnv').describe('Id of the conversation.');
const seq = z.int().min(0).max(1e9);

const text = z.string().trim().min(1).max(4_000).describe('What you write, as plain text.');

const clientId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,64}$/, 'Expected 8 to 64 letters, digits, hyphens or underscores.')
  .optional()
  .describe('An id of your own making: sent again with it, the message is stored once.');

const fileIds = z
  .array(idSchema('fil'))
  .max(5)
  .transform((ids) => [...new Set(ids)])
  .default([])
  .describe('Stored files of your account to attach; each is kept for 30 days from then at least.');

const jobId = idSchema('job')
  .optional()
  .describe(
    'A job of your account. Sending it is your consent: the support sees the names and sizes of its inputs, its options without secrets, and its error.',
  );

export const createConversationInput = z.strictObject({
  subject: z
    .string()
    .trim()
    .min(1)
    .max(160)
    .regex(/^[^\p{Cc}]*$/u, 'Expected one line of text.')
    .describe('What it is about, in one line.'),
  message: text.describe('The first message.'),
  job_id: jobId,
  file_ids: fileIds,
  client_id: clientId,
});

export const conversationIdInput = z.strictObject({ id: conversationId });

const words = z
  .string()
  .trim()
  .max(100)
  .optional()
  .describe(
    'Only where the subject, the customer, or the last 8,000 letters that were written have this text.',
  );
const cursor = z.string().max(512).optional().describe('`next_cursor` of the answer before.');

export const listConversationsInput = z.strictObject({
  status: z.enum(statuses).optional().describe('Only conversations in this state.'),
  q: words,
  limit: z.int().min(1).max(100).default(20).describe('Conversations in one answer.'),
  cursor,
});

export const listMessagesInput = z.strictObject({
  id: conversationId,
  after: seq.optional().describe('Only messages after this sequence number, the oldest first.'),
  before: seq.optional().describe('Only messages before this sequence number.'),
  limit: z.int().min(1).max(100).default(50).describe('Messages in one answer.'),
});

export const postMessageInput = z.strictObject({
  id: conversationId,
  text,
  file_ids: fileIds,
  job_id: jobId,
  client_id: clientId,
});

export const replyInput = z.strictObject({
  id: conversationId,
  text,
  file_ids: fileIds,
  client_id: clientId,
  is_private: z.boolean().default(false).describe('A note that the customer never sees.'),
});

export const markInput = z.strictObject({
  id: conversationId,
  seq: seq.describe('Every message up to this sequence number.'),
  mark: z
    .enum(['delivered', 'read'])
    .default('read')
    .describe('`delivered`: they are on a screen. `read`: somebody has seen them.'),
});

export const attachmentInput = z.strictObject({
  id: conversationId,
  seq: seq.describe('Sequence number of the message.'),
  file_id: idSchema('fil').describe('The file that it carries.'),
});

export const adminListInput = z.strictObject({
  status: z.enum(statuses).default('open').describe('Only conversations in this state.'),
  q: words,
  limit: z.int().min(1).max(100).default(30).describe('Conversations in one answer.'),
  cursor,
});

export const adminUpdateInput = z.strictObject({
  id: conversationId,
  status: z.enum(statuses).optional().describe('`closed` closes it, `open` opens it again.'),
  assignee_id: idSchema('usr')
    .nullable()
    .optional()
    .describe('The admin who answers; null for nobody.'),
});

const cannedFields = {
  title: z.string().trim().min(1).max(80).describe('By what operators find it.'),
  text: text.describe('What is put into the answer.'),
};
export const createCannedInput = z.strictObject(cannedFields);
export const cannedIdInput = z.strictObject({
  id: idSchema('can').describe('Id of the canned reply.'),
});
export const updateCannedInput = cannedIdInput.extend(z.strictObject(cannedFields).partial().shape);

const marksSchema = z.object({ delivered_seq: z.int(), read_seq: z.int() });

export const conversationSchema = z.object({
  id: z.string(),
  object: z.literal('conversation'),
  subject: z.string(),
  status: z.enum(statuses).describe('`open`: we answer next. `pending`: it is your turn.'),
  assignee: z.string().nullable().describe('Who answers.'),
  unread: z.int().describe('Messages of the support that you have not read.'),
  last_seq: z.int().describe('Sequence number of the newest message.'),
  last_message: z.object({
    text: z.string(),
    by: z.enum(['customer', 'operator']),
    at: z.string(),
  }),
  marks: z.object({ customer: marksSchema, operator: marksSchema }),
  created_at: z.string(),
  updated_at: z.string(),
});

export const officeSchema = z.object({
  is_open: z.boolean(),
  hours: z.string().nullable(),
  timezone: z.string(),
  opens_at: z.string().nullable().describe('When somebody is there again; null while open.'),
});

export const conversationListSchema = z.object({
  data: z.array(conversationSchema),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
  unread: z.int().describe('Unread messages of all conversations.'),
  office: officeSchema,
});

export const attachedFileSchema = z.object({
  id: z.string(),
  filename: z.string(),
  type: z.string(),
  size: z.int(),
});
export type AttachedFile = z.infer<typeof attachedFileSchema>;

export const attachedJobSchema = z.object({
  id: z.string(),
  tool: z.string(),
  status: z.string(),
  created_at: z.string(),
  input: z.object({ files: z.array(z.object({ filename: z.string(), size: z.int() })) }),
  options: z.record(z.string(), z.unknown()),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type AttachedJob = z.infer<typeof attachedJobSchema>;

export const messageSchema = z.object({
  object: z.literal('message'),
  conversation_id: z.string(),
  seq: z.int().describe('Its place: strictly increasing, with gaps.'),
  by: z.enum(['customer', 'operator']),
  author: z.string(),
  text: z.string(),
  files: z.array(attachedFileSchema),
  job: attachedJobSchema.nullable().describe('The job as it was when it was attached.'),
  client_id: z.string().nullable(),
  is_private: z.boolean(),
  created_at: z.string(),
});

export const messageListSchema = z.object({
  data: z.array(messageSchema).describe('The oldest first.'),
  has_more: z.boolean().describe('There are more in the direction of the question.'),
});

export const attachmentSchema = z.object({ url: z.string(), expires_at: z.string() });
export const typingSchema = z.object({ object: z.literal('typing') });

export const adminConversationSchema = conversationSchema.extend({
  account: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  assignee_id: z.string().nullable(),
});

export const adminListSchema = z.object({
  data: z.array(adminConversationSchema),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export const adminDetailSchema = z.object({
  conversation: adminConversationSchema,
  customer: z
    .object({
      id: z.string(),
      name: z.string(),
      email: z.string(),
      plan: z.string(),
      created_at: z.string(),
      quota: z.object({ limit: z.int(), remaining: z.int() }),
      calls: z.array(
        z.object({
          id: z.string(),
          tool: z.string(),
          status: z.int(),
          code: z.string().nullable(),
          at: z.string(),
        }),
      ),
    })
    .nullable(),
});

export const cannedSchema = z.object({
  id: z.string(),
  object: z.literal('canned_reply'),
  title: z.string(),
  text: z.string(),
});
export const cannedListSchema = z.object({ data: z.array(cannedSchema) });
export const deletedCannedSchema = z.object({ id: z.string(), deleted: z.literal(true) });

/** How many messages of the other side somebody has not read. */
export const unreadOf = (row: ConversationRow, side: Side): number =>
  side === 'customer'
    ? row.operatorCount - row.customerReadCount
    : row.customerCount - row.operatorReadCount;

/** The only bridge from a stored conversation to one that its customer may see. */
export function toPublicConversation(
  row: ConversationRow,
  side: Side = 'customer',
): z.infer<typeof conversationSchema> {
  return {
    id: row.id,
    object: 'conversation',
    subject: row.subject,
    status: row.status,
    assignee: row.assigneeName ?? null,
    unread: unreadOf(row, side),
    last_seq: side === 'customer' ? row.lastVisibleSeq : row.lastSeq,
    last_message: { text: row.lastText, by: row.lastBy, at: isoTime(row.lastMessageAt) },
    marks: {
      customer: { delivered_seq: row.customerDeliveredSeq, read_seq: row.customerReadSeq },
      operator: { delivered_seq: row.operatorDeliveredSeq, read_seq: row.operatorReadSeq },
    },
    created_at: isoTime(row.createdAt),
    updated_at: isoTime(row.updatedAt),
  };
}

/** One that an operator may see. */
export function toAdminConversation(row: ConversationRow): z.infer<typeof adminConversationSchema> {
  return {
    ...toPublicConversation(row, 'operator'),
    account: { id: row.accountId, name: row.customerName, email: row.customerEmail },
    assignee_id: row.assigneeId ?? null,
  };
}

/** The only bridge from a stored message to one that is sent. */
export function toPublicMessage(row: MessageRow): z.infer<typeof messageSchema> {
  return {
    object: 'message',
    conversation_id: row.conversationId,
    seq: row.seq,
    by: row.side,
    author: row.authorName,
    text: row.text,
    files: filesOf(row),
    job: row.job === undefined ? null : (JSON.parse(row.job) as AttachedJob),
    client_id: row.clientId ?? null,
    is_private: row.isNote,
    created_at: isoTime(row.createdAt),
  };
}

export const filesOf = ({ files }: MessageRow) =>
  files === undefined ? [] : (JSON.parse(files) as AttachedFile[]);

export const toPublicCanned = ({ id, text: said, title }: CannedReplyRow) => ({
  id,
  object: 'canned_reply' as const,
  title,
  text: said,
});
