import type { CashfreeDispute } from '../../platform/cashfree-schemas.ts';
import { clock } from '../../platform/clock.ts';
import type { DisputeStatus } from './clock/dispute.ts';
import type { EffectWorld } from './provider.ts';
import { changeBilling, type Holder } from './store.ts';

/** What Cashfree calls the stages of a dispute, in the order in which one may follow another. */
const stages = ['RETRIEVAL', 'DISPUTE', 'CHARGEBACK', 'PRE_ARBITRATION', 'ARBITRATION'];

/** Applies what Cashfree has said of a dispute. @returns undefined while its payment is not booked */
export async function applyDispute(
  { seller }: EffectWorld,
  holder: Holder,
  { paymentId, told }: { paymentId: string; told: CashfreeDispute },
): Promise<DisputeStatus | undefined> {
  const id = told.dispute_id;
  const { state } = await changeBilling(holder, seller, {
    type: 'dispute_told',
    at: clock.now(),
    id,
    paymentId,
    amount: told.dispute_amount,
    stage: Math.max(0, stages.indexOf(told.dispute_type)),
    status: readStatus(told),
    reason: told.reason_description ?? 'no reason given',
    ...(told.respond_by ? { respondBy: Date.parse(told.respond_by) } : {}),
  });
  return state.disputes?.[id]?.status;
}

/** What waits for evidence, or was found to have too little of it, can still be answered. */
function readStatus({ dispute_status: status }: CashfreeDispute): DisputeStatus {
  if (status.endsWith('_MERCHANT_WON')) return 'won';
  return /_MERCHANT_(LOST|ACCEPTED)$/.test(status) ? 'lost' : 'open';
}
