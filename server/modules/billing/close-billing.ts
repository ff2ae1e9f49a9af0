import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import type { Account } from '../account/service.ts';
import { runEffects } from './effects.ts';
import { effectWorld, seller } from './provider.ts';
import { changeBilling } from './store.ts';

/**
 * Ends what an account pays for, because it is about to be deleted: its plan, its mandate, and an
 * invoice that is unpaid. Its books stay, and money that still comes goes back.
 */
export async function closeBilling(account: Account): Promise<void> {
  const { id: accountId } = account;
  const { data } = await database().billing.get({ accountId }).go({ consistent: true });
  if (!data) return;
  const event = { type: 'account_closed', at: clock.now() } as const;
  const { effects } = await changeBilling(account, seller(), event);
  if (effects.length > 0) await runEffects(effectWorld(), accountId);
}
