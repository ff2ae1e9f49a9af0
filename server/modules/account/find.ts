import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import type { Account } from './schema.ts';

const cacheMilliseconds = 4_000;
const cache = new Map<string, { account: Account | undefined; until: number }>();

/** The account, or undefined. Cached for a few seconds: it is read on every call. */
export async function findAccount(id: string): Promise<Account | undefined> {
  const known = cache.get(id);
  if (known && known.until > clock.now()) return known.account;
  const { data } = await database().account.get({ id }).go({ consistent: true });
  const account = data ?? undefined;
  if (cache.size > 10_000) cache.clear();
  cache.set(id, { account, until: clock.now() + cacheMilliseconds });
  return account;
}

/** Forgets what is remembered of an account that was changed in a transaction. */
export function forgetAccount(id: string): void {
  cache.delete(id);
}
