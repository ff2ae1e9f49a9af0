import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { logger } from '../../platform/logger.ts';
import { hashKey, isKeyWellFormed } from './key-format.ts';
import type { KeyRow } from './schema.ts';

/** A key that may be used now. */
export type ActiveKey = KeyRow;

const cacheMilliseconds = 4_000;
const touchMilliseconds = 60_000;

/** A key by one of its secrets, and until when the secret is accepted. */
type Known = { key: KeyRow; secretUntil: number };

const cache = new Map<string, { known: Known | undefined; until: number }>();

/** The active key behind a secret; undefined for a typo, an unknown, a disabled or an expired one. */
export async function findActiveKey(secret: string): Promise<ActiveKey | undefined> {
  if (!isKeyWellFormed(secret)) return undefined;
  const hash = hashKey(secret);
  const now = clock.now();
  const cached = cache.get(hash);
  const known = cached && cached.until > now ? cached.known : await readKey(hash, now);
  if (!known?.key.isEnabled) return undefined;
  const { key, secretUntil } = known;
  if (Math.min(secretUntil, key.validUntil ?? Number.POSITIVE_INFINITY) <= now) return undefined;
  return key;
}

/** Lets this process see a change at once; others see it when their few seconds are over. */
export function forgetKeys(): void {
  cache.clear();
}

/** Reads what is true now, and counts its age from before it was read. */
async function readKey(hash: string, now: number): Promise<Known | undefined> {
  const known = await readSecret(hash);
  if (cache.size > 10_000) cache.clear();
  cache.set(hash, { known, until: now + cacheMilliseconds });
  return known;
}

async function readSecret(hash: string): Promise<Known | undefined> {
  const { data: secret } = await database().keySecret.get({ hash }).go({ consistent: true });
  if (!secret) return undefined;
  const { accountId, keyId, validUntil = Number.POSITIVE_INFINITY } = secret;
  const { data: key } = await database()
    .apiKey.get({ accountId, id: keyId })
    .go({ consistent: true });
  return key ? { key, secretUntil: validUntil } : undefined;
}

/** Notes the use of a key that was let in, at most once a minute; a lost note is harmless. */
export function noteKeyUse(key: ActiveKey): void {
  const now = clock.now();
  if (now - (key.lastUsedAt ?? 0) < touchMilliseconds) return;
  key.lastUsedAt = now;
  database()
    .apiKey.patch({ accountId: key.accountId, id: key.id })
    .set({ lastUsedAt: now })
    .go()
    .catch((error: unknown) => {
      if (!isConditionFailure(error))
        logger().warn({ err: error }, 'last use of a key was not noted');
    });
}
