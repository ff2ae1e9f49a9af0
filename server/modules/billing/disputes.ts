import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import type { CashfreeDispute } from '../../platform/cashfree-schemas.ts';
import { type Account, findAccount } from '../account/service.ts';
import { confirmOrder } from './checkout.ts';
import type { Dispute, DisputeStatus } from './clock/dispute.ts';
import type { BillingState } from './clock/state.ts';
import { applyDispute } from './dispute-status.ts';
import { paymentKey, runEffects } from './effects.ts';
import { cashfree, effectWorld, ignoreNotFound } from './provider.ts';
import { findHolder } from './store.ts';

/**
 * Asks Cashfree how a dispute stands and applies it. Whoever calls, however often and in whatever order,
 * each step counts once.
 *
 * @returns `unknown` for one that Cashfree does not know, or whose payment is none of ours
 * @throws AppError `unavailable` while its payment is not booked yet
 */
export async function confirmDispute(id: string): Promise<'unknown' | DisputeStatus> {
  const told = await cashfree().getDispute(id).catch(ignoreNotFound);
  const payment = told && (await findPayment(told));
  if (!told || !payment) return 'unknown';
  const world = effectWorld();
  const holder = await findHolder(payment.accountId);
  const status = await applyDispute(world, holder, { paymentId: payment.paymentId, told });
  if (!status) throw new AppError('unavailable', `The payment of dispute ${id} is not booked yet.`);
  await runEffects(world, holder.id);
  return status;
}

/** A payment of an order is named by it; for a charge of a mandate Cashfree has an order of its own. */
async function findPayment({ order_details: { cf_payment_id, order_id } }: CashfreeDispute) {
  const { billingCharge, billingOrder } = database();
  const { data: order } = await billingOrder.get({ id: order_id }).go({ consistent: true });
  if (!order) return (await billingCharge.get({ cfPaymentId: cf_payment_id }).go()).data;
  // Its own webhook may have been lost, or come later.
  await confirmOrder(order_id);
  return { accountId: order.accountId, paymentId: paymentKey(order_id, cf_payment_id) };
}

/** Every dispute of an account, the newest first; none where its plan was given. */
export async function listDisputes({ id }: Account): Promise<Dispute[]> {
  const { data } = await database().billing.get({ accountId: id }).go({ consistent: true });
  const { disputes = {} } = data ? (JSON.parse(data.state) as BillingState) : {};
  return Object.values(disputes).sort((a, b) => b.openedAt - a.openedAt);
}

export type OpenDispute = Dispute & { account: Account };

/** What waits for an answer to the bank, of every account; the oldest first. */
export async function listOpenDisputes(): Promise<OpenDispute[]> {
  const { data } = await database()
    .billingEffect.query.byStatus({ status: 'pending' })
    .where(({ key }, { begins }) => begins(key, 'watch_dispute:'))
    .go({ pages: 'all' });
  const open: OpenDispute[] = [];
  for (const accountId of new Set(data.map((row) => row.accountId))) {
    const account = await findAccount(accountId);
    if (!account) continue;
    const disputes = await listDisputes(account);
    open.push(...disputes.flatMap((one) => (one.status === 'open' ? { ...one, account } : [])));
  }
  return open.sort((a, b) => a.openedAt - b.openedAt);
}
