import { randomBytes } from 'node:crypto';
import { ApiError, fieldError } from './api-error.ts';
import { orderEntity, paymentEntity, refundEntity } from './entities.ts';
import {
  type Fields,
  readAmount,
  readChoice,
  readCustomer,
  readId,
  readObject,
  readText,
  readUrl,
} from './fields.ts';
import type { Order, Payment, PaymentStatus, Store } from './store.ts';
import { announcePayment, type Webhooks } from './webhooks.ts';

export type World = { store: Store; webhooks: Webhooks };

/** What a person can do on the checkout page, or a test through the control API. */
export const outcomes = ['success', 'failed', 'dropped', 'pending'] as const;
export type Outcome = (typeof outcomes)[number];

const minuteMs = 60_000;
const shortestLifeMs = 15 * minuteMs;
const longestLifeMs = 30 * 24 * 60 * minuteMs;

export function createOrder({ store }: World, body: Fields) {
  const id = body.order_id === undefined ? `order_${store.nextId()}` : readId(body, 'order_id');
  if (store.state.orders[id]) {
    throw new ApiError(409, 'order_already_exists', 'order with same id is already present');
  }
  const meta = readObject(body, 'order_meta');
  const order: Order = {
    order_id: id,
    cf_order_id: store.nextId(),
    payment_session_id: `session_${randomBytes(32).toString('base64url')}`,
    status: 'ACTIVE',
    amount: readAmount(body, 'order_amount'),
    currency: readChoice(body, 'order_currency', ['INR']),
    customer: readCustomer(body, true),
    return_url: readUrl(meta, 'return_url'),
    notify_url: readUrl(meta, 'notify_url'),
    note: readText(body, 'order_note'),
    tags: body.order_tags ? (readObject(body, 'order_tags') as Record<string, string>) : null,
    created_at: store.now(),
    expires_at: readExpiry(body, store.now()),
  };
  store.state.orders[id] = order;
  return orderEntity(order);
}

function readExpiry(body: Fields, now: number): number {
  const text = readText(body, 'order_expiry_time');
  if (text === null) return now + longestLifeMs;
  const at = Date.parse(text);
  // A minute of grace: the caller counted its quarter of an hour before the request left.
  const isInRange = at >= now + shortestLifeMs - minuteMs && at <= now + longestLifeMs + minuteMs;
  if (!isInRange) {
    throw fieldError(
      'order_expiry_time',
      'should be between 15 minutes and 30 days from now',
      text,
    );
  }
  return at;
}

/** An order as of now: one that nobody paid in time is expired. */
export function findOrder({ store }: World, id: string): Order {
  const order = Object.hasOwn(store.state.orders, id) ? store.state.orders[id] : undefined;
  if (!order) throw new ApiError(404, 'order_not_found', 'Order Reference Id does not exist');
  if (order.status === 'ACTIVE' && order.expires_at <= store.now()) order.status = 'EXPIRED';
  return order;
}

export function terminateOrder(world: World, id: string, body: Fields) {
  const order = findOrder(world, id);
  readChoice(body, 'order_status', ['TERMINATED']);
  if (order.status !== 'ACTIVE') {
    throw new ApiError(400, 'order_inactive', `order is ${order.status.toLowerCase()} already`);
  }
  order.status = 'TERMINATED';
  return orderEntity(order);
}

export function paymentsOf({ store }: World, order: Order): Payment[] {
  const all = Object.values(store.state.payments);
  return all.filter(({ order_id }) => order_id === order.order_id).reverse();
}

export function listPayments(world: World, id: string) {
  const order = findOrder(world, id);
  return paymentsOf(world, order).map((payment) => paymentEntity(payment, order));
}

export function getPayment(world: World, id: string, paymentId: string) {
  const order = findOrder(world, id);
  const payment = paymentsOf(world, order).find((one) => one.cf_payment_id === paymentId);
  if (!payment) throw new ApiError(404, 'payment_not_found', 'payment id does not exist');
  return paymentEntity(payment, order);
}

/** One attempt to pay an order; each has a payment id of its own. */
export function attemptPayment(
  world: World,
  order: Order,
  outcome: Outcome,
  method: Payment['method'] = 'upi',
): Payment {
  const { store } = world;
  if (findOrder(world, order.order_id).status !== 'ACTIVE') {
    throw new ApiError(400, 'order_inactive', `order is ${order.status.toLowerCase()}`);
  }
  const payment: Payment = {
    cf_payment_id: store.nextId(),
    order_id: order.order_id,
    type: 'ORDER',
    status: 'PENDING',
    amount: order.amount,
    method,
    message: 'Transaction is pending',
    created_at: store.now(),
  };
  store.state.payments[payment.cf_payment_id] = payment;
  if (outcome !== 'pending') finishPayment(world, order, payment, outcome);
  return payment;
}

const results: Record<Exclude<Outcome, 'pending'>, [PaymentStatus, string]> = {
  success: ['SUCCESS', '00::Transaction success'],
  failed: ['FAILED', 'ZM::Transaction declined by the bank'],
  dropped: ['USER_DROPPED', 'User dropped and did not complete the two factor authentication'],
};

/** Ends a pending payment. Two that were pending may both succeed, as they may in life. */
export function finishPayment(
  { store, webhooks }: World,
  order: Order,
  payment: Payment,
  outcome: Exclude<Outcome, 'pending'>,
): void {
  [payment.status, payment.message] = results[outcome];
  payment.created_at = store.now();
  if (payment.status === 'SUCCESS') order.status = 'PAID';
  announcePayment(webhooks, order, payment);
}

export function listRefunds(world: World, id: string) {
  const order = findOrder(world, id);
  const all = Object.values(world.store.state.refunds);
  return all.filter(({ order_id }) => order_id === order.order_id).map(refundEntity);
}
