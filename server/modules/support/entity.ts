import { Entity } from 'electrodb';

/** A number that sorts as texts do, since it is part of a key. */
const sortable = {
  type: 'number',
  required: true,
  padding: { length: 15, char: '0' },
} as const;

const counter = { type: 'number', required: true } as const;

/** One conversation of a customer with the support. Every change adds one to `revision`. */
export const conversationEntity = new Entity({
  model: { entity: 'conversation', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true },
    id: { type: 'string', required: true },
    subject: { type: 'string', required: true },
    /** `open`: the support has to answer. `pending`: the customer has to. */
    status: { type: ['open', 'pending', 'closed'] as const, required: true },
    assigneeId: { type: 'string' },
    assigneeName: { type: 'string' },
    /** As they were at the beginning, for lists and for the search. */
    customerName: { type: 'string', required: true },
    customerEmail: { type: 'string', required: true },
    /** In lower case: what a search looks through. */
    search: { type: 'string', required: true },
    /** In lower case: the end of what both sides have written, without private notes. */
    said: { type: 'string' },
    revision: counter,
    /** Sequence number of the newest message, and of the newest that is no private note. */
    lastSeq: counter,
    lastVisibleSeq: counter,
    lastText: { type: 'string', required: true },
    lastBy: { type: ['customer', 'operator'] as const, required: true },
    /** Milliseconds, as all times here. */
    lastMessageAt: sortable,
    /** Messages that each side has written; private notes are none. */
    customerCount: counter,
    operatorCount: counter,
    /** How far each side has come, and how many messages of the other lie behind it. */
    customerReadSeq: counter,
    customerReadCount: counter,
    operatorReadSeq: counter,
    operatorReadCount: counter,
    customerDeliveredSeq: counter,
    operatorDeliveredSeq: counter,
    /** When the customer gets a mail about answers that lie unread. */
    customerMailAt: { type: 'number' },
    /** The mail of this run of answers is out; reading or writing ends the run. */
    isCustomerMailed: { type: 'boolean', required: true },
    /** When the support gets a mail since nobody has answered. */
    operatorMailAt: { type: 'number' },
    isOperatorMailed: { type: 'boolean', required: true },
    /** `waiting` while a mail may become due, at `dueAt`. */
    watch: { type: ['waiting', 'none'] as const, required: true },
    dueAt: sortable,
    createdAt: { type: 'number', required: true },
    updatedAt: { type: 'number', required: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byStatus: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['status'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['lastMessageAt', 'id'], casing: 'none' },
    },
    byDueTime: {
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['watch'], casing: 'none' },
      sk: { field: 'gsi2sk', composite: ['dueAt', 'id'], casing: 'none' },
    },
  },
});

/** Somebody of the support who has the inbox open; whoever says nothing for a while has not. */
export const operatorPresenceEntity = new Entity({
  model: { entity: 'operatorPresence', version: '1', service: 'nebula' },
  attributes: {
    operatorId: { type: 'string', required: true, readOnly: true },
    name: { type: 'string', required: true },
    /** Milliseconds. */
    seenAt: { type: 'number', required: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    all: {
      pk: { field: 'pk', composite: [], casing: 'none' },
      sk: { field: 'sk', composite: ['operatorId'], casing: 'none' },
    },
  },
});

/** Whose a conversation is, for operators, who know its id alone. */
export const conversationOwnerEntity = new Entity({
  model: { entity: 'conversationOwner', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true, readOnly: true },
  },
  indexes: {
    byId: {
      pk: { field: 'pk', composite: ['id'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
  },
});

/** What was written at one place of a conversation; it is never changed. */
export const messageEntity = new Entity({
  model: { entity: 'message', version: '1', service: 'nebula' },
  attributes: {
    conversationId: { type: 'string', required: true, readOnly: true },
    seq: { ...sortable, readOnly: true },
    side: { type: ['customer', 'operator'] as const, required: true, readOnly: true },
    authorId: { type: 'string', required: true, readOnly: true },
    authorName: { type: 'string', required: true, readOnly: true },
    text: { type: 'string', required: true, readOnly: true },
    /** Only for operators. */
    isNote: { type: 'boolean', required: true, readOnly: true },
    /** JSON of what the files were; they lie in the store of the author. */
    files: { type: 'string', readOnly: true },
    /** JSON of what the job was when it was attached. */
    job: { type: 'string', readOnly: true },
    clientId: { type: 'string', readOnly: true },
    /** Messages of each side up to this one. */
    customerCount: { type: 'number', required: true, readOnly: true },
    operatorCount: { type: 'number', required: true, readOnly: true },
    createdAt: { type: 'number', required: true, readOnly: true },
  },
  indexes: {
    byConversation: {
      pk: { field: 'pk', composite: ['conversationId'], casing: 'none' },
      sk: { field: 'sk', composite: ['seq'], casing: 'none' },
    },
  },
});

/** That a browser's message has come, by the id that the browser gave it. */
export const messageSendEntity = new Entity({
  model: { entity: 'messageSend', version: '1', service: 'nebula' },
  attributes: {
    /** The conversation, or `new` for the one that the message begins. */
    target: { type: 'string', required: true, readOnly: true },
    authorId: { type: 'string', required: true, readOnly: true },
    clientId: { type: 'string', required: true, readOnly: true },
    conversationId: { type: 'string', required: true, readOnly: true },
    seq: { type: 'number', required: true, readOnly: true },
    /** Seconds; no page tries again after that. */
    expiresAt: { type: 'number', required: true, readOnly: true },
  },
  indexes: {
    byClientId: {
      pk: { field: 'pk', composite: ['authorId', 'target'], casing: 'none' },
      sk: { field: 'sk', composite: ['clientId'], casing: 'none' },
    },
  },
});

/** An answer that operators give often. */
export const cannedReplyEntity = new Entity({
  model: { entity: 'cannedReply', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    title: { type: 'string', required: true },
    text: { type: 'string', required: true },
    createdAt: { type: 'number', required: true, readOnly: true },
    updatedAt: { type: 'number', required: true },
  },
  indexes: {
    all: {
      pk: { field: 'pk', composite: [], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
  },
});
