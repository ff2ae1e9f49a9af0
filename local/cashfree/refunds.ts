import { ApiError, fieldError } from './api-error.ts';
import { refundEntity } from './entities.ts';
import { type Fields, readAmount, readId, readText } from './fields.ts';
import { findOrder, paymentsOf, type World } from './orders.ts';
import type { Payment, Refund } from './store.ts';
import { chargesOf, findSubscription } from './subscriptions.ts';
import { announceRefund } from './webhooks.ts';

type Owner = { order_id: string } | { subscription_id: string };

/** A refund of an order's payment; it is decided by the rules and announced. */
export function refundOrder(world: World, id: string, body: Fields) {
  const order = findOrder(world, id);
  const payment = paymentsOf(world, order).find(({ status }) => status === 'SUCCESS');
  if (!payment) throw new ApiError(400, 'order_not_paid', 'order is not paid');
  return createRefund(world, { order_id: order.order_id }, payment, body);
}

/** A refund of a charge, which is named by the merchant's id or by ours. */
export function refundCharge(world: World, id: string, body: Fields) {
  const subscription = findSubscription(world, id);
  const named = [readText(body, 'payment_id'), String(body.cf_payment_id ?? '')];
  const payment = chargesOf(world, subscription).find(
    (one) => named.includes(one.cf_payment_id) || named.includes(one.payment_id ?? null),
  );
  if (payment?.status !== 'SUCCESS') {
    throw new ApiError(404, 'payment_not_found', 'there is no such successful payment');
  }
  return createRefund(world, { subscription_id: subscription.subscription_id }, payment, body);
}

function createRefund(world: World, owner: Owner, payment: Payment, body: Fields) {
  const { store } = world;
  const id = readId(body, 'refund_id');
  if (Object.hasOwn(store.state.refunds, id)) {
    throw new ApiError(409, 'refund_already_exists', 'refund with same id is already present');
  }
  const amount = readAmount(body, 'refund_amount');
  const left = payment.amount - refundedOf(world, payment);
  if (amount > left) {
    throw fieldError(
      'refund_amount',
      'is more than what is left of the payment',
      body.refund_amount,
    );
  }
  const refund: Refund = {
    refund_id: id,
    cf_refund_id: store.nextId(),
    cf_payment_id: payment.cf_payment_id,
    ...owner,
    amount,
    status: 'PENDING',
    note: readText(body, 'refund_note'),
    created_at: store.now(),
    processed_at: null,
  };
  store.state.refunds[id] = refund;
  // The real API, too, says PENDING first and tells the rest by webhook.
  const answer = refundEntity(refund);
  const { refund_outcome: outcome } = store.state.rules;
  if (outcome !== 'pending') finishRefund(world, refund, outcome);
  return answer;
}

function refundedOf({ store }: World, { cf_payment_id }: Payment): number {
  return Object.values(store.state.refunds)
    .filter((refund) => refund.cf_payment_id === cf_payment_id && refund.status !== 'CANCELLED')
    .reduce((sum, { amount }) => sum + amount, 0);
}

export function finishRefund(world: World, refund: Refund, outcome: 'success' | 'cancelled') {
  refund.status = outcome === 'success' ? 'SUCCESS' : 'CANCELLED';
  refund.processed_at = world.store.now();
  const order = refund.order_id ? findOrder(world, refund.order_id) : undefined;
  announceRefund(world.webhooks, refund, order);
}

export function getRefund(world: World, owner: Partial<Refund>, id: string) {
  const refund = Object.hasOwn(world.store.state.refunds, id)
    ? world.store.state.refunds[id]
    : undefined;
  const isOwn =
    refund?.order_id === owner.order_id && refund?.subscription_id === owner.subscription_id;
  if (!refund || !isOwn) throw new ApiError(404, 'refund_not_found', 'Refund does not exist');
  return refundEntity(refund);
}
