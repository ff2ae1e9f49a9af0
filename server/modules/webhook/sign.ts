import { createHmac, randomBytes } from 'node:crypto';
import { seal, unseal } from '../../platform/seal.ts';

const prefix = 'whsec_';
const secretBytes = 32;
const purpose = 'webhook-secret';

/** A new secret as its owner sees it: `whsec_` and base64. */
export function generateSecret(): string {
  return prefix + randomBytes(secretBytes).toString('base64');
}

/** What is stored of a secret. */
export const sealSecret = (secret: string): string => seal(purpose, secret);

export type Secrets = { secret: string; previousSecret?: string; previousSecretUntil?: number };

/** The secrets that sign now, the new one first: two for a while after a rotation. */
export function secretsInForce(sealed: Secrets, now: number): string[] {
  const { previousSecret, previousSecretUntil = 0, secret } = sealed;
  const inForce = previousSecretUntil > now ? [secret, previousSecret] : [secret];
  return inForce.flatMap((each) => (each === undefined ? [] : [openSecret(each)]));
}

function openSecret(sealed: string): string {
  const secret = unseal(purpose, sealed);
  if (secret === undefined) throw new Error('The secret was sealed with another AUTH_SECRET.');
  return secret;
}

/**
 * The headers of one attempt by Standard Webhooks; the signature covers id, time and body.
 *
 * @param secrets each gives one signature
 */
export function signatureHeaders(
  { id, at, body }: { id: string; at: number; body: string },
  secrets: readonly string[],
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(at / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
