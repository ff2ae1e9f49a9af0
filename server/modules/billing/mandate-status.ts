import type { CashfreeSubscription } from '../../platform/cashfree-schemas.ts';

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
