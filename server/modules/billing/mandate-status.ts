import type { Cashfree } from '../../platform/cashfree.ts';
import type { CashfreeSubscription } from '../../platform/cashfree-schemas.ts';
import { ignoreNotFound } from './provider.ts';

export type MandateStatus = 'open' | 'active' | 'ended';

/** What Cashfree calls a mandate that can never be charged again. */
const ended = new Set([
  'CANCELLED',
  'CUSTOMER_CANCELLED',
  'COMPLETED',
  'EXPIRED',
  'LINK_EXPIRED',
  'CARD_EXPIRED',
]);

/** Undefined for one that was paused, or waits for its bank: it may still become either. */
export function readMandateStatus(mandate: CashfreeSubscription): 'active' | 'ended' | undefined {
  const { subscription_status: status } = mandate;
  if (status === 'ACTIVE') return 'active';
  return ended.has(status) ? 'ended' : undefined;
}

/** The customer has allowed it, and their bank has not answered yet. */
export const isAtBank = (mandate: CashfreeSubscription): boolean =>
  mandate.subscription_status === 'BANK_APPROVAL_PENDING';

/** Ends a mandate where it was allowed; one that has ended there already stays as it is. */
export async function cancelAtCashfree(cashfree: Cashfree, id: string): Promise<void> {
  const mandate = await cashfree.getSubscription(id).catch(ignoreNotFound);
  if (mandate && readMandateStatus(mandate) !== 'ended') await cashfree.cancelSubscription(id);
}
