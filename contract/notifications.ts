import { z } from 'zod';

/** How an account can hear of something. */
export const notificationChannels = ['in_app', 'email'] as const;

export type NotificationChannel = (typeof notificationChannels)[number];

/**
 * What an account hears of, where nothing else is chosen. `always`: the mail belongs to the safety of
 * the account, or to its bills, and is not a matter of taste.
 */
export const notificationEvents = {
  'job.failed': { label: 'Jobs that failed', in_app: true, email: false },
  'job.finished': { label: 'Jobs that finished', in_app: false, email: false },
  'usage.threshold': { label: '50, 80 and 100 % of the calls used', in_app: true, email: 'always' },
  'webhook.failing': { label: 'Webhook endpoints that fail', in_app: true, email: 'always' },
  'support.reply': { label: 'Answers of the support', in_app: true, email: 'always' },
  'key.created': { label: 'New API keys', in_app: true, email: 'always' },
  'key.expiring': { label: 'API keys about to expire', in_app: true, email: 'always' },
  'session.new_device': { label: 'Sign-ins on new devices', in_app: true, email: 'always' },
} as const satisfies Record<string, { label: string; in_app: boolean; email: boolean | 'always' }>;

export type NotificationEvent = keyof typeof notificationEvents;

export const notificationEventNames = Object.keys(notificationEvents) as [
  NotificationEvent,
  ...NotificationEvent[],
];

/** One choice for each event: what is not named stays as it is. */
export const preferencesSchema = z
  .record(
    z.enum(notificationEventNames),
    z.strictObject({ in_app: z.boolean(), email: z.boolean() }),
  )
  .describe('For each event, whether the account hears of it in the dashboard and by mail.');

export type Preferences = z.infer<typeof preferencesSchema>;
