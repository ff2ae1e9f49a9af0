import { randomBytes } from 'node:crypto';
import { ApiError, fieldError } from './api-error.ts';
import { chargeEntity, planDetails, subscriptionEntity } from './entities.ts';
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
import type { Outcome, World } from './orders.ts';
import type { Payment, Plan, Subscription } from './store.ts';
import { announceSubscription } from './webhooks.ts';

const lifeMs = 30 * 365 * 86_400_000;

export function createPlan({ store }: World, body: Fields) {
  const id = readId(body, 'plan_id');
  if (Object.hasOwn(store.state.plans, id)) {
    throw new ApiError(409, 'plan_already_exists', 'plan with same id is already present');
  }
  const plan = readPlan(body);
  store.state.plans[id] = plan;
  return planDetails(plan);
}

function readPlan(body: Fields): Plan {
  const type = readChoice(body, 'plan_type', ['ON_DEMAND', 'PERIODIC']);
  return {
    plan_id: readId(body, 'plan_id'),
    plan_name: readText(body, 'plan_name') ?? '',
    plan_type: type,
    max_amount: readAmount(body, 'plan_max_amount'),
    recurring_amount: type === 'PERIODIC' ? readAmount(body, 'plan_recurring_amount') : null,
    currency: 'INR',
    note: readText(body, 'plan_note'),
  };
}

export function findPlan({ store }: World, id: string): Plan {
  const plan = Object.hasOwn(store.state.plans, id) ? store.state.plans[id] : undefined;
  if (!plan) throw new ApiError(404, 'plan_not_found', 'Plan does not exist');
  return plan;
}

export function createSubscription(world: World, body: Fields) {
  const { store } = world;
  const id = readId(body, 'subscription_id');
  if (Object.hasOwn(store.state.subscriptions, id)) {
    const message = 'subscription with same id is already present';
    throw new ApiError(409, 'subscription_already_exists', message);
  }
  const details = readObject(body, 'plan_details');
  const plan = details.plan_type ? readPlan(details) : findPlan(world, readId(details, 'plan_id'));
  const meta = readObject(body, 'subscription_meta');
  const authorization = readObject(body, 'authorization_details');
  const subscription: Subscription = {
    subscription_id: id,
    cf_subscription_id: store.nextId(),
    subscription_session_id: `sub_session_${randomBytes(32).toString('base64url')}`,
    status: 'INITIALIZED',
    plan,
    customer: readCustomer(body, false),
    auth_amount: authorization.authorization_amount
      ? readAmount(authorization, 'authorization_amount')
      : 100,
    return_url: readUrl(meta, 'return_url'),
    created_at: store.now(),
    expires_at: store.now() + lifeMs,
  };
  store.state.subscriptions[id] = subscription;
  return subscriptionEntity(subscription);
}

export function findSubscription({ store }: World, id: string): Subscription {
  const all = store.state.subscriptions;
  const subscription = Object.hasOwn(all, id) ? all[id] : undefined;
  if (!subscription) {
    throw new ApiError(404, 'subscription_not_found', 'Subscription does not exist');
  }
  return subscription;
}

/** What the customer decides about a mandate on the page of their bank. */
export function authorise(world: World, subscription: Subscription, outcome: Outcome): void {
  if (!['INITIALIZED', 'BANK_APPROVAL_PENDING'].includes(subscription.status)) {
    const status = subscription.status.toLowerCase();
    throw new ApiError(400, 'subscription_status_invalid', `subscription is ${status} already`);
  }
  if (outcome === 'dropped') return;
  const { webhooks } = world;
  if (outcome === 'pending') {
    subscription.status = 'BANK_APPROVAL_PENDING';
    announceSubscription(webhooks, 'SUBSCRIPTION_STATUS_CHANGED', subscription);
    return;
  }
  const payment = addPayment(world, subscription, 'AUTH', subscription.auth_amount);
  settle(payment, outcome);
  announceSubscription(webhooks, 'SUBSCRIPTION_AUTH_STATUS', subscription, payment);
  if (outcome === 'failed') return;
  subscription.status = 'ACTIVE';
  announceSubscription(webhooks, 'SUBSCRIPTION_STATUS_CHANGED', subscription);
}

export function raiseCharge(world: World, body: Fields) {
  const subscription = findSubscription(world, readId(body, 'subscription_id'));
  const id = readId(body, 'payment_id');
  readChoice(body, 'payment_type', ['CHARGE']);
  const amount = readAmount(body, 'payment_amount');
  if (subscription.status !== 'ACTIVE') {
    const message = `subscription is ${subscription.status}, it cannot be charged`;
    throw new ApiError(400, 'subscription_status_invalid', message);
  }
  if (amount > subscription.plan.max_amount) {
    throw fieldError('payment_amount', 'is above the limit of the mandate', body.payment_amount);
  }
  if (chargesOf(world, subscription).some(({ payment_id }) => payment_id === id)) {
    throw new ApiError(409, 'payment_already_exists', 'payment with same id is already present');
  }
  const { charge_outcome: outcome } = world.store.state.rules;
  if (outcome === 'unavailable') {
    throw new ApiError(503, 'request_failed', 'api error', 'api_error');
  }
  const payment = addPayment(world, subscription, 'CHARGE', amount, id);
  // The bank answers later: the call itself only says that the charge is under way.
  const answer = chargeEntity(payment);
  if (outcome !== 'pending') finishCharge(world, subscription, payment, outcome);
  return answer;
}

export function finishCharge(
  world: World,
  subscription: Subscription,
  payment: Payment,
  outcome: 'success' | 'failed',
): void {
  settle(payment, outcome);
  const type = `SUBSCRIPTION_PAYMENT_${outcome === 'success' ? 'SUCCESS' : 'FAILED'}` as const;
  announceSubscription(world.webhooks, type, subscription, payment);
}

function settle(payment: Payment, outcome: 'success' | 'failed'): void {
  payment.status = outcome === 'success' ? 'SUCCESS' : 'FAILED';
  payment.message = outcome === 'success' ? 'Transaction success' : 'INSUFFICIENT_FUNDS';
}

function addPayment(
  { store }: World,
  { subscription_id }: Subscription,
  type: 'AUTH' | 'CHARGE',
  amount: number,
  payment_id?: string,
): Payment {
  const payment: Payment = {
    cf_payment_id: store.nextId(),
    subscription_id,
    ...(payment_id ? { payment_id } : {}),
    type,
    status: 'PENDING',
    amount,
    method: 'upi',
    message: 'Transaction is pending',
    created_at: store.now(),
  };
  store.state.payments[payment.cf_payment_id] = payment;
  return payment;
}

export function chargesOf({ store }: World, { subscription_id }: Subscription): Payment[] {
  const all = Object.values(store.state.payments);
  return all.filter((payment) => payment.subscription_id === subscription_id);
}

export function getCharge(world: World, subscription: Subscription, id: string) {
  const payment = chargesOf(world, subscription).find((one) => one.payment_id === id);
  if (!payment) throw new ApiError(404, 'payment_not_found', 'payment does not exist');
  return chargeEntity(payment);
}

const actions = {
  CANCEL: { to: 'CANCELLED', from: ['INITIALIZED', 'BANK_APPROVAL_PENDING', 'ACTIVE', 'PAUSED'] },
  PAUSE: { to: 'PAUSED', from: ['ACTIVE'] },
  ACTIVATE: { to: 'ACTIVE', from: ['PAUSED'] },
} as const;

/** Cancels, pauses or takes up a mandate again; a cancelled one stays cancelled. */
export function manageSubscription(world: World, id: string, body: Fields) {
  const subscription = findSubscription(world, id);
  const action = readChoice(body, 'action', ['CANCEL', 'PAUSE', 'ACTIVATE']);
  const { from, to } = actions[action];
  if (!from.some((status) => status === subscription.status)) {
    const message = `subscription is ${subscription.status}, ${action} is not possible`;
    throw new ApiError(400, 'subscription_status_invalid', message);
  }
  subscription.status = to;
  announceSubscription(world.webhooks, 'SUBSCRIPTION_STATUS_CHANGED', subscription);
  return subscriptionEntity(subscription);
}
