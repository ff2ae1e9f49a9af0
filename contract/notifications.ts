import { z } from 'zod';

/** How an account can hear of something. */
export const notificationChannels = ['in_app', 'email', 'push'] as const;

export type NotificationChannel = (typeof notificationChannels)[number];

/**
 * What an account hears of, where nothing else is chosen; `push` reaches the browsers that asked
 * for it. `always`: the mail belongs to the safety of the account and is not a matter of taste.
 * `hasOwnMail`: whoever tells of it writes a mail of its own.
 */
export const notificationEvents = {
  'job.failed': { label: 'Jobs that failed', in_app: true, email: false, push: true },
  'job.finished': { label: 'Jobs that finished', in_app: false, email: false, push: false },
  'usage.threshold': {
    label: '50, 80 and 100 % of the calls used',
    in_app: true,
    email: true,
    hasOwnMail: true,
    push: true,
  },
  'payment.succeeded': {
    label: 'Payments and renewals',
    in_app: true,
    email: 'always',
    hasOwnMail: true,
    push: false,
  },
  'payment.failed': {
    label: 'Payments that failed',
    in_app: true,
    email: 'always',
    hasOwnMail: true,
    push: true,
  },
  'payment.disputed': {
    label: 'Payments that a bank disputes',
    in_app: true,
    email: 'always',
    hasOwnMail: true,
    push: true,
  },
  'plan.given': {
    label: 'Plans that the operator gives or takes back',
    in_app: true,
    email: 'always',
    hasOwnMail: true,
    push: false,
  },
  'webhook.failing': {
    label: 'Webhook endpoints that fail',
    in_app: true,
    email: true,
    hasOwnMail: true,
    push: true,
  },
  'support.reply': {
    label: 'Answers of the support',
    in_app: true,
    email: true,
    hasOwnMail: true,
    push: true,
  },
  'key.created': {
    label: 'New API keys',
    in_app: true,
    email: 'always',
    hasOwnMail: true,
    push: true,
  },
  'key.expiring': {
    label: 'API keys about to expire',
    in_app: true,
    email: 'always',
    hasOwnMail: true,
    push: true,
  },
  'session.new_device': {
    label: 'Sign-ins on new devices',
    in_app: true,
    email: 'always',
    hasOwnMail: true,
    push: true,
  },
} as const satisfies Record<
  string,
  {
    label: string;
    in_app: boolean;
    email: boolean | 'always';
    hasOwnMail?: true;
    push: boolean;
  }
>;

export type NotificationEvent = keyof typeof notificationEvents;

export const notificationEventNames = Object.keys(notificationEvents) as [
  NotificationEvent,
  ...NotificationEvent[],
];

/** One choice for each event: what is not named stays as it is. */
export const preferencesSchema = z
  .record(
    z.enum(notificationEventNames),
    z.strictObject({ in_app: z.boolean(), email: z.boolean(), push: z.boolean() }),
  )
  .describe(
    'For each event, whether the account hears of it in the dashboard, by mail and by its browsers.',
  );

export type Preferences = z.infer<typeof preferencesSchema>;

/** A change of choices: what is not named stays as it is. */
export const preferencesChangeSchema = z
  .partialRecord(preferencesSchema.keyType, preferencesSchema.valueType.partial())
  .describe(
    'For each event, whether to hear of it in the dashboard, by mail and by your browsers.',
  );

export type PreferencesChange = z.infer<typeof preferencesChangeSchema>;
