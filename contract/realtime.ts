import { z } from 'zod';

/** What is told live; each event with the sentence that the documentation shows. */
export const realtimeEvents = {
  'job.created': 'A job was accepted and waits for its turn.',
  'job.updated': 'A job is being worked on, or has come further.',
  'job.finished': 'A job is over and has not failed.',
  'job.failed': 'A job is over without a result.',
  'message.created': 'Somebody wrote into a conversation.',
  'message.read': 'Somebody has read a conversation up to a message.',
  typing: 'Somebody is writing; it is over when no more of these come.',
  'conversation.assigned': 'A conversation has a new person to answer it.',
  'conversation.closed': 'A conversation was closed.',
  'conversation.updated': 'A conversation was opened again, or waits for somebody else now.',
  'notification.created': 'There is a new notification.',
  'notification.read': 'Notifications were read, perhaps on another screen.',
  'usage.threshold': 'The account has used a notable part of its calls of this cycle.',
  'subscription.updated': 'The plan of the account, or the state of its subscription, has changed.',
  'admin.presence': 'Somebody of the support has come or gone.',
} as const satisfies Record<string, string>;

export type RealtimeEvent = keyof typeof realtimeEvents;

export const realtimeEventNames = Object.keys(realtimeEvents) as [
  RealtimeEvent,
  ...RealtimeEvent[],
];

/**
 * What every event carries beside its own facts. An event may come twice; it has the same
 * `event_id` then.
 */
export const realtimeEnvelopeSchema = z.looseObject({
  event_id: z.string(),
  at: z.iso.datetime(),
});

export type RealtimeEnvelope = z.infer<typeof realtimeEnvelopeSchema>;

/** Everything that concerns one account. */
export const userChannel = (accountId: string) => `private-user-${accountId}`;

/** One job, for whoever looks at it. */
export const jobChannel = (jobId: string) => `private-job-${jobId}`;

/** The messages of one conversation. */
export const conversationChannel = (conversationId: string) =>
  `private-conversation-${conversationId}`;

/** Who has one conversation open. */
export const conversationPresenceChannel = (conversationId: string) =>
  `presence-conversation-${conversationId}`;

/** What concerns the support as a whole. */
export const adminSupportChannel = 'private-admin-support';

/** What concerns the operation as a whole. */
export const adminOpsChannel = 'private-admin-ops';

/** What kind of thing a channel is about. */
export type ChannelKind = 'user' | 'job' | 'conversation' | 'presence-conversation' | 'admin';

const patterns: readonly [ChannelKind, RegExp][] = [
  ['user', /^private-user-([A-Za-z0-9_]{1,64})$/],
  ['job', /^private-job-([A-Za-z0-9_]{1,64})$/],
  ['conversation', /^private-conversation-([A-Za-z0-9_]{1,64})$/],
  ['presence-conversation', /^presence-conversation-([A-Za-z0-9_]{1,64})$/],
  ['admin', /^private-admin-(support|ops)$/],
];

/** Takes a channel's name apart; undefined for one that the product does not have. */
export function readChannel(name: string): { kind: ChannelKind; id: string } | undefined {
  for (const [kind, pattern] of patterns) {
    const id = pattern.exec(name)?.[1];
    if (id !== undefined) return { kind, id };
  }
  return undefined;
}

/** The names that the protocol allows; whether a channel exists is another question. */
export const channelNameSchema = z
  .string()
  .max(164)
  .regex(/^[A-Za-z0-9_\-=@,.;]+$/, 'Expected a channel such as private-user-usr_01JD8Y3K5M.');

export const socketIdSchema = z
  .string()
  .max(40)
  .regex(/^\d{1,19}\.\d{1,19}$/, 'Expected the id of a connected socket, such as 123.456.');

/** What the browser needs to connect; none of it is a secret. */
export type RealtimeSettings = { key: string; host: string; port: number; isTls: boolean };
