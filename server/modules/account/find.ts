import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { openTopic } from '../../platform/topic.ts';
import type { Account } from './schema.ts';

const cacheMilliseconds = 4_000;

type Remembered = { account?: Account; until: number };

const cache = new Map<string, Remembered>();
const changed = openTopic('accounts:changed', (id) => cache.delete(id));

/**
 * The account, or undefined. Remembered for a few seconds: it is read on every call. Whoever changes it
 * tells all processes, so that a plan that was bought counts everywhere at once; one that does not hear
 * of it, because Redis is down, knows when its seconds are over.
 */
export async function findAccount(id: string): Promise<Account | undefined> {
  const known = cache.get(id);
  if (known && known.until > clock.now()) return known.account;
  changed.listen();
  if (cache.size > 10_000) cache.clear();
  const reading: Remembered = { until: 0 };
  cache.set(id, reading);
  const { data } = await database().account.get({ id }).go({ consistent: true });
  const account = data ?? undefined;
  // What has changed while it was read is not remembered.
  if (cache.get(id) === reading) cache.set(id, { account, until: clock.now() + cacheMilliseconds });
  return account;
}

/** Lets every process forget an account that was changed; to be waited for before that is said. */
export function forgetAccount(id: string): Promise<void> {
  cache.delete(id);
  return changed.tell(id);
}
