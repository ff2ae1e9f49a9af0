import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { disputeStatuses, disputeTypes, moveDispute, raiseDispute } from './disputes.ts';
import type { Fields } from './fields.ts';
import { attemptPayment, findOrder, finishPayment, outcomes, type World } from './orders.ts';
import { finishRefund } from './refunds.ts';
import { findSubscription, finishCharge } from './subscriptions.ts';
import { announceSubscription } from './webhooks.ts';

const rules = z.strictObject({
  hold_webhooks: z.boolean().optional(),
  duplicates: z.int().min(0).max(50).optional(),
  delay_ms: z.int().min(0).optional(),
  charge_outcome: z.enum(['success', 'failed', 'pending', 'unavailable']).optional(),
  refund_outcome: z.enum(['success', 'pending', 'cancelled']).optional(),
  fail_calls: z.int().min(0).optional(),
  fail_status: z.int().min(400).max(599).optional(),
  fail_after: z.boolean().optional(),
});
const clock = z.union([
  z.strictObject({ advance_ms: z.int().min(0) }),
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
  z.strictObject({ is_real: z.literal(true) }),
]);
const flush = z.strictObject({ order: z.enum(['as_sent', 'reversed']).default('as_sent') });
const pay = z.strictObject({
  order_id: z.string(),
  outcome: z.enum(outcomes),
  method: z.enum(['upi', 'card']).default('upi'),
});
const finish = z.strictObject({ outcome: z.enum(['success', 'failed', 'dropped', 'cancelled']) });

/** Paise. */
const alter = z.strictObject({
  amount: z.int().min(1).optional(),
  currency: z.string().optional(),
});

const end = z.strictObject({ status: z.enum(['CUSTOMER_CANCELLED', 'PAUSED', 'ACTIVE']) });

const raise = z.strictObject({
  cf_payment_id: z.string(),
  /** Paise; all of it unless said. */
  amount: z.int().min(1).optional(),
  type: z.enum(disputeTypes).default('CHARGEBACK'),
});
const move = z.strictObject({
  status: z.enum(disputeStatuses),
  type: z.enum(disputeTypes).optional(),
});

/** How a test steers the stand-in; nothing of this exists at the real provider. */
export async function control(world: World, call: string, body: Fields): Promise<unknown> {
  const { store, webhooks } = world;
  if (call === 'GET /state') {
    return { now: new Date(store.now()).toISOString(), ...store.state, idempotency: undefined };
  }
  if (call === 'POST /rules') {
    Object.assign(store.state.rules, rules.parse(body));
    await webhooks.deliverDue();
    return store.state.rules;
  }
  if (call === 'POST /clock') return moveClock(world, clock.parse(body));
  if (call === 'POST /webhooks/flush') {
    const isReversed = flush.parse(body).order === 'reversed';
    await webhooks.deliverDue({ isForced: true, isReversed });
    return {};
  }
  const resend = /^POST \/webhooks\/([0-9a-f-]+)\/resend$/.exec(call)?.[1];
  if (resend && (await webhooks.resend(resend))) return {};
  if (call === 'POST /payments') {
    const { method, order_id, outcome } = pay.parse(body);
    const payment = attemptPayment(world, findOrder(world, order_id), outcome, method);
    return { cf_payment_id: payment.cf_payment_id };
  }
  const order = /^POST \/orders\/([A-Za-z0-9_-]+)$/.exec(call)?.[1];
  if (order) {
    Object.assign(findOrder(world, order), alter.parse(body));
    return {};
  }
  if (call === 'POST /disputes') {
    return { dispute_id: raiseDispute(world, raise.parse(body)).dispute_id };
  }
  const dispute = /^POST \/disputes\/(\w+)$/.exec(call)?.[1];
  if (dispute) {
    moveDispute(world, dispute, move.parse(body));
    return {};
  }
  const [, kind, id = ''] = /^POST \/(payments|refunds)\/([A-Za-z0-9_-]+)$/.exec(call) ?? [];
  if (kind === 'payments') return finishAnyPayment(world, id, finish.parse(body).outcome);
  if (kind === 'refunds') return finishAnyRefund(world, id, finish.parse(body).outcome);
  const mandate = /^POST \/subscriptions\/([A-Za-z0-9_-]+)$/.exec(call)?.[1];
  if (mandate) return endMandate(world, mandate, end.parse(body).status);
  if (call === 'POST /reset') {
    store.reset();
    return {};
  }
  throw new ApiError(404, 'control_not_found', `there is no control ${call}`);
}

/** Time goes forward, or back to the real one; what falls due on the way is sent before the answer. */
async function moveClock({ store, webhooks }: World, to: z.infer<typeof clock>) {
  if ('is_real' in to) {
    store.state.clock_offset_ms = 0;
    return { now: new Date(store.now()).toISOString() };
  }
  const by = 'now' in to ? Date.parse(to.now) - store.now() : to.advance_ms;
  if (by < 0) throw new ApiError(400, 'now_invalid', 'the clock only goes forward');
  store.state.clock_offset_ms += by;
  await webhooks.deliverDue();
  return { now: new Date(store.now()).toISOString() };
}

/** What a customer does about a mandate in the app of their bank. */
function endMandate(world: World, id: string, status: z.infer<typeof end>['status']) {
  const subscription = findSubscription(world, id);
  subscription.status = status;
  announceSubscription(world.webhooks, 'SUBSCRIPTION_STATUS_CHANGED', subscription);
  return {};
}

type Finish = z.infer<typeof finish>['outcome'];

function finishAnyPayment(world: World, id: string, outcome: Finish) {
  const payment = world.store.state.payments[id];
  if (payment?.status !== 'PENDING' || outcome === 'cancelled') {
    throw new ApiError(404, 'payment_not_found', 'there is no such pending payment');
  }
  if (payment.order_id) {
    finishPayment(world, findOrder(world, payment.order_id), payment, outcome);
  } else {
    const subscription = findSubscription(world, payment.subscription_id ?? '');
    finishCharge(world, subscription, payment, outcome === 'success' ? 'success' : 'failed');
  }
  return {};
}

function finishAnyRefund(world: World, id: string, outcome: Finish) {
  const refund = world.store.state.refunds[id];
  if (refund?.status !== 'PENDING') {
    throw new ApiError(404, 'refund_not_found', 'there is no such pending refund');
  }
  finishRefund(world, refund, outcome === 'success' ? 'success' : 'cancelled');
  return {};
}
