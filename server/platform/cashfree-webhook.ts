import { createHmac, timingSafeEqual } from 'node:crypto';

/** Beyond this age, in milliseconds, a webhook is a retry or a replay. */
export const webhookWindowMs = 10 * 60_000;

/**
 * What is known of a webhook. `old` is signed by Cashfree, but not just now: it retries for half an
 * hour, so the receiver handles it (once, by payment id) and raises an alert.
 */
export type WebhookVerdict = 'valid' | 'old' | 'forged';

export type SignedWebhook = {
  /** Headers `x-webhook-signature` and `x-webhook-timestamp`; one value each, or it is forged. */
  signature: unknown;
  timestamp: unknown;
  /** The bytes as they came: a body that was parsed and written again has another signature. */
  rawBody: Uint8Array;
};

/**
 * Checks base64(HMAC-SHA256(timestamp + body)) in constant time. There is no separator between the
 * two, and the timestamp is digits, so it cannot borrow bytes of the JSON behind it.
 */
export function verifyWebhook(
  { rawBody, signature, timestamp }: SignedWebhook,
  secret: string,
  now: number,
): WebhookVerdict {
  if (typeof signature !== 'string' || typeof timestamp !== 'string') return 'forged';
  if (!/^\d{10}(\d{3})?$/.test(timestamp) || secret === '') return 'forged';
  const expected = createHmac('sha256', secret).update(timestamp).update(rawBody).digest('base64');
  const [given, wanted] = [Buffer.from(signature), Buffer.from(expected)];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'forged';
  const at = timestamp.length === 13 ? Number(timestamp) : Number(timestamp) * 1000;
  return Math.abs(now - at) <= webhookWindowMs ? 'valid' : 'old';
}
