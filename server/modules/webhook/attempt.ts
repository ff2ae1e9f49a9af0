import { clock } from '../../platform/clock.ts';
import { post } from '../../platform/egress.ts';
import { readRetryAfter } from './schedule.ts';
import type { Attempt, DeliveryRow, EndpointRow } from './schema.ts';
import { secretsInForce, signatureHeaders } from './sign.ts';

const timeoutMs = 15_000;
const maxReplyBytes = 4_096;
const goneStatus = 410;

export type AttemptOutcome = {
  attempt: Attempt;
  /** Any 2xx, and nothing else: a redirect has delivered nothing. */
  isDelivered: boolean;
  /** The receiver wants nothing more, ever. */
  isGone: boolean;
  retryAfterMs: number;
};

/** Sends an event once, signed for this moment. Whatever goes wrong over there is an outcome. */
export async function attemptDelivery(
  endpoint: EndpointRow,
  { eventId, payload, url = endpoint.url }: DeliveryRow,
): Promise<AttemptOutcome> {
  const at = clock.now();
  const message = { id: eventId, at, body: payload };
  const answer = await post(url, {
    headers: {
      'content-type': 'application/json',
      'user-agent': 'NebulaAPI-Webhooks/1.0',
      ...signatureHeaders(message, secretsInForce(endpoint, at)),
    },
    body: payload,
    timeoutMs,
    maxReplyBytes,
  });
  const now = clock.now();
  const latencyMs = Math.max(0, now - at);
  if (answer.error !== undefined) {
    const attempt = { at, latencyMs, error: answer.error };
    return { attempt, isDelivered: false, isGone: false, retryAfterMs: 0 };
  }
  const { reply, retryAfter, status } = answer;
  return {
    attempt: { at, latencyMs, status, reply: textOf(reply) },
    isDelivered: status >= 200 && status < 300,
    isGone: status === goneStatus,
    retryAfterMs: readRetryAfter(retryAfter, now),
  };
}

/** The start of a reply as text that is no longer: of what is no text, each byte would become three. */
function textOf(reply: Buffer): string {
  const text = reply.toString('utf8');
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxReplyBytes));
  return text.slice(0, read);
}
