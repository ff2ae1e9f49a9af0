import { database } from '../../database.ts';
import { rememberBriefly } from '../../platform/brief-memory.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { logger } from '../../platform/logger.ts';
import { findAccount } from '../account/service.ts';
import { hashKey, isKeyWellFormed } from './key-format.ts';
import type { KeyRow } from './schema.ts';

/** A key that may be used now. */
export type ActiveKey = KeyRow;

const touchMilliseconds = 60_000;

/** A key by one of its secrets, and until when the secret is accepted. */
type Known = { key: KeyRow; secretUntil: number };

/** What is true now, by the hash of a secret. */
const secrets = rememberBriefly(readSecret);

/** The active key behind a secret; undefined for a typo, an unknown, a disabled or an expired one. */
export async function findActiveKey(secret: string): Promise<ActiveKey | undefined> {
  if (!isKeyWellFormed(secret)) return undefined;
  const now = clock.now();
  const known = await secrets.get(hashKey(secret));
  if (!known?.key.isEnabled) return undefined;
  const { key, secretUntil } = known;
  if (Math.min(secretUntil, key.validUntil ?? Number.POSITIVE_INFINITY) <= now) return undefined;
  return key;
}

/** Lets this process see a change at once; others see it when their few seconds are over. */
export function forgetKeys(): void {
  secrets.clear();
}

/** Whose a secret is never changes; whether it is accepted, the row of the key says. */
const owners = rememberBriefly(readOwner, 60 * 60 * 1000);

async function readOwner(hash: string) {
  const { data } = await database().keySecret.get({ hash }).go({ consistent: true });
  return data ?? undefined;
}

async function readSecret(hash: string): Promise<Known | undefined> {
  const owner = await owners.get(hash);
  if (!owner) {
    // It may be that of a key which is made next.
    owners.forget(hash);
    return undefined;
  }
  const { accountId, keyId } = owner;
  const row = database().apiKey.get({ accountId, id: keyId });
  // Whoever asks for the key asks for its account next: that is remembered when it is read.
  const [{ data: key }] = await Promise.all([row.go({ consistent: true }), findAccount(accountId)]);
  return key ? { key, secretUntil: endOf(hash, key) } : undefined;
}

/** The secret in force has no end of its own; an old one that is not named has come to it. */
function endOf(hash: string, key: KeyRow): number {
  if (hash === key.hash) return Number.POSITIVE_INFINITY;
  return key.oldSecrets?.find((old) => old.hash === hash)?.validUntil ?? 0;
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
