import { ApiError } from './api-error.ts';
import { disputeEntity } from './entities.ts';
import { findOrder, type World } from './orders.ts';
import type { Dispute, Payment } from './store.ts';
import { announceDispute } from './webhooks.ts';

/** What a bank may ask for, the later the more serious. */
export const disputeTypes = [
  'RETRIEVAL',
  'DISPUTE',
  'CHARGEBACK',
  'PRE_ARBITRATION',
  'ARBITRATION',
] as const;

export const disputeStatuses = [
  'CREATED',
  'DOCS_RECEIVED',
  'UNDER_REVIEW',
  'INSUFFICIENT_EVIDENCE',
  'MERCHANT_WON',
  'MERCHANT_LOST',
  'MERCHANT_ACCEPTED',
] as const;

const answerDays = 7;

type Raise = { cf_payment_id: string; amount?: number; type: Dispute['type'] };

/** The bank of a customer questions a payment. */
export function raiseDispute(world: World, { amount, cf_payment_id, type }: Raise): Dispute {
  const { store } = world;
  const payment = paymentOf(world, cf_payment_id);
  if (payment.status !== 'SUCCESS') {
    throw new ApiError(400, 'payment_not_paid', 'only a successful payment can be disputed');
  }
  const now = store.now();
  const dispute: Dispute = {
    dispute_id: store.nextId(),
    cf_payment_id,
    type,
    status: 'CREATED',
    amount: amount ?? payment.amount,
    created_at: now,
    updated_at: now,
    respond_by: now + answerDays * 86_400_000,
    resolved_at: null,
  };
  store.state.disputes[dispute.dispute_id] = dispute;
  announce(world, 'DISPUTE_CREATED', dispute);
  return dispute;
}

type Move = { status: Dispute['status']; type?: Dispute['type'] };

/** The dispute goes on, or ends; one that was won may begin again as a more serious one. */
export function moveDispute(world: World, id: string, { status, type }: Move): void {
  const dispute = findDispute(world, id);
  const now = world.store.now();
  const isOver = status.startsWith('MERCHANT_');
  Object.assign(dispute, { status, type: type ?? dispute.type, updated_at: now });
  dispute.resolved_at = isOver ? now : null;
  announce(world, isOver ? 'DISPUTE_CLOSED' : 'DISPUTE_UPDATED', dispute);
}

export const getDispute = (world: World, id: string) => entityOf(world, findDispute(world, id));

export function listDisputes(world: World, isOf: (payment: Payment) => boolean) {
  return Object.values(world.store.state.disputes)
    .filter(({ cf_payment_id }) => isOf(paymentOf(world, cf_payment_id)))
    .map((dispute) => entityOf(world, dispute));
}

function findDispute({ store }: World, id: string): Dispute {
  const { disputes } = store.state;
  const dispute = Object.hasOwn(disputes, id) ? disputes[id] : undefined;
  if (dispute) return dispute;
  throw new ApiError(404, 'dispute_not_found', 'there is no such dispute');
}

function paymentOf({ store }: World, id: string): Payment {
  const { payments } = store.state;
  const payment = Object.hasOwn(payments, id) ? payments[id] : undefined;
  if (payment) return payment;
  throw new ApiError(404, 'payment_not_found', 'payment id does not exist');
}

function entityOf(world: World, dispute: Dispute) {
  const payment = paymentOf(world, dispute.cf_payment_id);
  const { customer } = payment.order_id
    ? findOrder(world, payment.order_id)
    : (world.store.state.subscriptions[payment.subscription_id ?? ''] ?? {});
  return disputeEntity(dispute, payment, customer);
}

function announce(world: World, type: Parameters<typeof announceDispute>[1], dispute: Dispute) {
  announceDispute(world.webhooks, type, entityOf(world, dispute));
}
