import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { generateKey, hashKey, isKeyWellFormed, type KeyMode } from './key-format.ts';

/** A key that may be used now. */
export type ActiveKey = { id: string; accountId: string; mode: KeyMode; scopes: string[] };

/** Creates a key. The secret is in the answer and nowhere else, ever. */
export async function createApiKey(input: {
  accountId: string;
  name: string;
  mode?: KeyMode;
  scopes?: string[];
}): Promise<{ id: string; key: string }> {
  const mode = input.mode ?? 'live';
  const key = generateKey(mode);
  const id = newId('key');
  await database()
    .apiKey.create({
      id,
      accountId: input.accountId,
      name: input.name,
      mode,
      hash: hashKey(key),
      last4: key.slice(-4),
      scopes: input.scopes ?? ['tools:run', 'usage:read'],
      createdAt: clock.now(),
    })
    .go();
  return { id, key };
}

/** The active key behind a secret; undefined for a typo, an unknown, a disabled or an expired one. */
export async function findActiveKey(secret: string): Promise<ActiveKey | undefined> {
  if (!isKeyWellFormed(secret)) return undefined;
  const hash = hashKey(secret);
  const now = clock.now();
  const known = cache.get(hash);
  const key = known && known.until > now ? known.key : await readKey(hash);
  if (!key?.isEnabled || (key.validUntil ?? Number.POSITIVE_INFINITY) <= now) return undefined;
  touch(key, now);
  return key;
}

/** Switches a key off or on; other processes follow within the cache's 5 seconds. */
export async function setKeyEnabled(
  accountId: string,
  id: string,
  isEnabled: boolean,
): Promise<void> {
  await database().apiKey.patch({ accountId, id }).set({ isEnabled }).go();
  cache.clear();
}

const cacheMilliseconds = 5_000;
const touchMilliseconds = 60_000;

type StoredKey = ActiveKey & { isEnabled: boolean; validUntil?: number; lastUsedAt?: number };

const cache = new Map<string, { key: StoredKey | undefined; until: number }>();

async function readKey(hash: string): Promise<StoredKey | undefined> {
  const { data } = await database().apiKey.query.byHash({ hash }).go();
  const key = data[0];
  if (cache.size > 10_000) cache.clear();
  cache.set(hash, { key, until: clock.now() + cacheMilliseconds });
  return key;
}

/** Notes the use at most once a minute; a lost note is harmless. */
function touch(key: StoredKey, now: number): void {
  if (now - (key.lastUsedAt ?? 0) < touchMilliseconds) return;
  key.lastUsedAt = now;
  database()
    .apiKey.patch({ accountId: key.accountId, id: key.id })
    .set({ lastUsedAt: now })
    .go()
    .catch((error: unknown) => logger().warn({ err: error }, 'last use of a key was not noted'));
}
