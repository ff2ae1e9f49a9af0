import { database } from '../../database.ts';
import { rememberBriefly } from '../../platform/brief-memory.ts';
import { openTopic } from '../../platform/topic.ts';
import type { Account } from './schema.ts';

const accounts = rememberBriefly(async (id): Promise<Account | undefined> => {
  const { data } = await database().account.get({ id }).go({ consistent: true });
  return data ?? undefined;
});
const changed = openTopic('accounts:changed', (id) => accounts.forget(id));

/**
 * The account, or undefined. Remembered for a few seconds: it is read on every call. Whoever changes it
 * tells all processes, so that a plan that was bought counts everywhere at once; one that does not hear
 * of it, because Redis is down, knows when its seconds are over.
 */
export function findAccount(id: string): Promise<Account | undefined> {
  changed.listen();
  return accounts.get(id);
}

/** Lets every process forget an account that was changed; to be waited for before that is said. */
export function forgetAccount(id: string): Promise<void> {
  accounts.forget(id);
  return changed.tell(id);
}
