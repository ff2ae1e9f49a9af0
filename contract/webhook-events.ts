/** What an account can be told of; each type with the sentence that the documentation shows. */
export const webhookEvents = {
  'job.created': 'A job was accepted and waits for its turn.',
  'job.succeeded':
    'A job has ended, and its results can be downloaded. What is too long for a message is left empty and named in `omitted`; `GET /jobs/{id}` has it.',
  'job.failed': 'A job has ended without a result; the error says why.',
  'job.canceled': 'A job was stopped because somebody asked for it.',
  'batch.finished': 'Every job of a batch has ended, whatever became of each.',
  'file.expiring':
    'A stored file will be deleted within a day. It comes once: a day before, or at half of its time where it is kept for less than two days.',
  'usage.threshold_reached': 'The account has used a notable part of its calls of this cycle.',
  'api_key.expiring': 'An API key will stop working within a week.',
  'subscription.updated': 'The plan of the account, or the state of its subscription, has changed.',
  'invoice.paid': 'An invoice was paid.',
  'invoice.payment_failed': 'A payment for an invoice was not made.',
} as const satisfies Record<string, string>;

export type WebhookEventType = keyof typeof webhookEvents;

export const webhookEventTypes = Object.keys(webhookEvents) as [
  WebhookEventType,
  ...WebhookEventType[],
];

/** The type of what `POST …/test` sends; it reaches every endpoint and no subscription names it. */
export const testEventType = 'webhook.test';
