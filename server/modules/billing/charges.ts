import { database } from '../../database.ts';
import type { CashfreeCharge } from '../../platform/cashfree-schemas.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import type { Charge } from './clock/state.ts';
import { readMandateStatus } from './mandate-status.ts';
import { type EffectWorld, ignoreNotFound, isRefusal } from './provider.ts';
import { changeBilling, type Holder, loadBilling } from './store.ts';

/** Names a charge; its mandate says where to refund it. */
export const chargeKey = (mandateId: string, paymentId: string) => `${mandateId}/${paymentId}`;

/**
 * Raises the charge of a renewal, under an id of its own so that twice is once, and books what came of
 * it. Banks take their time: a charge that is under way is asked about again.
 */
export async function chargeMandate(
  world: EffectWorld,
  holder: Holder,
  effect: Charge,
): Promise<'pending' | 'done'> {
  const { attempt, extra, invoiceId, key, mandateId } = effect;
  const at = clock.now();
  const failure = { type: 'charge_failed', at, invoiceId, attempt, extra } as const;
  const paymentId = `chg_${key}`;
  // Without a mandate nothing can be charged by itself: the customer is asked to pay.
  const charge = mandateId && (await findOrRaise(world, holder, { ...effect, mandateId }));
  if (charge === 'void') return 'done';
  const status = charge ? charge.payment_status : 'FAILED';
  if (charge && mandateId && status === 'SUCCESS') {
    const id = chargeKey(mandateId, paymentId);
    const amount = charge.payment_amount;
    const row = { cfPaymentId: charge.cf_payment_id, accountId: holder.id, paymentId: id };
    await database().billingCharge.put(row).go();
    await changeBilling(holder, world.seller, {
      type: 'payment_succeeded',
      at,
      id,
      amount,
      invoiceId,
    });
    return 'done';
  }
  if (status !== 'FAILED' && status !== 'CANCELLED') return 'pending';
  await changeBilling(holder, world.seller, failure);
  return 'done';
}

type Raised = CashfreeCharge | 'void' | undefined;

/** @returns undefined when Cashfree refuses it, `void` when the invoice was paid before it was raised */
async function findOrRaise(
  { cashfree, seller }: EffectWorld,
  holder: Holder,
  effect: Charge & { mandateId: string },
): Promise<Raised> {
  const { amount, attempt, invoiceId, key, mandateId } = effect;
  const paymentId = `chg_${key}`;
  const known = await cashfree.getCharge(mandateId, paymentId).catch(ignoreNotFound);
  if (known) return known;
  const { dunning } = (await loadBilling(holder, seller)).state;
  const isWanted = dunning?.invoiceId === invoiceId && dunning.attempt === attempt;
  if (!isWanted) return 'void';
  try {
    return await cashfree.charge({
      subscription_id: mandateId,
      payment_id: paymentId,
      payment_amount: amount,
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    logger().warn({ err: error, mandate: mandateId }, 'a charge was refused');
    await noteEnd({ cashfree, seller }, holder, mandateId);
    return undefined;
  }
}

/** A mandate that the customer has ended at their bank is asked for no more. */
async function noteEnd(world: EffectWorld, holder: Holder, id: string): Promise<void> {
  const mandate = await world.cashfree.getSubscription(id).catch(ignoreNotFound);
  if (mandate && readMandateStatus(mandate) !== 'ended') return;
  const event = { type: 'mandate_ended', at: clock.now(), id } as const;
  await changeBilling(holder, world.seller, event);
}
