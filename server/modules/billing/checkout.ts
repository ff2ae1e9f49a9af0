import { AppError } from '@nebula/contract/errors';
import type { PlanId } from '@nebula/contract/plans';
import { database } from '../../database.ts';
import type { CashfreeOrder, CashfreePayment } from '../../platform/cashfree-schemas.ts';
import { clock, isoTime } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import type { Account } from '../account/service.ts';
import { systemSource } from '../audit/service.ts';
import { applyEvent } from './clock/apply.ts';
import { type Preview, previewChange, type Quote } from './clock/preview.ts';
import type { BillingState } from './clock/state.ts';
import { paymentKey, runEffects } from './effects.ts';
import { cashfree, checkoutUrl, effectWorld, ignoreNotFound, seller } from './provider.ts';
import { changeBilling, findHolder, givenPlan, loadBilling, sortable } from './store.ts';

/** Cashfree lets an order live for a quarter of an hour at least. */
const shortestOrderMs = 16 * 60_000;
/** Cashfree keeps no order open for more than 30 days; whoever asks later begins another. */
const longestOrderMs = 30 * 24 * 3_600_000 - 60_000;
/** A payment that was begun in time may arrive this much later. */
const paymentGraceMs = 15 * 60_000;
/** Checkouts of one account that may wait for their money at once: each is asked about again and again. */
const maxOpenOrders = 20;

/** Where an account stands now; looking changes nothing. */
export async function readBilling(account: Account): Promise<BillingState> {
  const { state } = await loadBilling(account, seller());
  if (account.plan !== 'free' && state.cycle.plan === 'free') throw givenPlan();
  return applyEvent(state, { type: 'tick', at: clock.now() }).state;
}

/** What a change of plan would do and cost; see `previewChange`. */
export async function previewPlan(account: Account, plan: PlanId): Promise<Preview> {
  return previewChange(await readBilling(account), plan, clock.now());
}

/** Chooses a cheaper plan, or Free to cancel, for the end of the cycle; the present plan undoes it. */
export async function choosePlan(
  account: Account,
  plan: PlanId,
  source = systemSource,
): Promise<Preview> {
  const preview = await previewPlan(account, plan);
  if (preview.kind === 'now' || preview.kind === 'refused') {
    const message = `Expected a plan that costs no more than the present one, received ${plan}. Start a checkout to upgrade.`;
    throw new AppError('conflict', message, { param: 'plan' });
  }
  const event = { type: 'plan_chosen', at: clock.now(), plan } as const;
  await changeBilling(account, seller(), event, source);
  await runEffects(effectWorld(), account.id);
  return preview;
}

export type Checkout = {
  orderId: string;
  amount: number;
  paymentSessionId: string;
  /** Where the customer pays. */
  url: string;
};

export type OrderStatus = 'open' | 'settled' | 'lapsed' | 'mismatch';
type OrderRow = { id: string; accountId: string; createdAt: string; status: OrderStatus };
type Purpose = { quote: Quote } | { invoiceId: string };

/**
 * Begins to pay: for a dearer plan at once, or for the unpaid invoice when no plan is named.
 * The row is written before Cashfree hears of the order, so that no webhook meets an unknown one.
 */
export async function startCheckout(
  account: Account,
  { phone, plan, returnUrl }: { plan?: PlanId; phone: string; returnUrl: string },
): Promise<Checkout> {
  const { amount, purpose, validUntil } = await purposeOf(account, plan);
  await assertFewOpen(account.id);
  const id = newId('ord');
  const now = clock.now();
  await database()
    .billingOrder.create({
      id,
      accountId: account.id,
      purpose: JSON.stringify(purpose),
      amount,
      status: 'open',
      createdAt: sortable(now),
    })
    .go();
  const order = await cashfree().createOrder({
    order_id: id,
    order_amount: amount,
    customer_details: {
      customer_id: account.id,
      customer_phone: phone,
      customer_email: account.email,
    },
    order_meta: { return_url: returnUrl },
    order_expiry_time: isoTime(orderExpiry(validUntil, now)),
    order_note: 'quote' in purpose ? `NebulaAPI ${purpose.quote.plan}, 30 days` : 'NebulaAPI',
  });
  const { payment_session_id: paymentSessionId } = order;
  return { orderId: id, amount, paymentSessionId, url: checkoutUrl('order', paymentSessionId) };
}

async function assertFewOpen(accountId: string): Promise<void> {
  const { data } = await database()
    .billingOrder.query.byAccount({ accountId, status: 'open' })
    .go({ limit: maxOpenOrders });
  if (data.length < maxOpenOrders) return;
  const message = `${maxOpenOrders} checkouts are open and not paid. Pay one of them, or wait until they are over.`;
  throw new AppError('conflict', message, { retryAfterSeconds: shortestOrderMs / 1000 });
}

/** As long as what is paid for can be had, within what Cashfree accepts. */
function orderExpiry(validUntil: number, now: number): number {
  const wanted = Math.min(validUntil - paymentGraceMs, now + longestOrderMs);
  return Math.max(wanted, now + shortestOrderMs);
}

async function purposeOf(
  account: Account,
  plan: PlanId | undefined,
): Promise<{ purpose: Purpose; amount: number; validUntil: number }> {
  const state = await readBilling(account);
  if (plan === undefined) {
    const invoice = state.dunning && state.invoices[state.dunning.invoiceId];
    if (!invoice) throw new AppError('conflict', 'No invoice is unpaid. Name a plan to buy one.');
    const amount = invoice.total - invoice.credited;
    return { purpose: { invoiceId: invoice.id }, amount, validUntil: state.cycle.end };
  }
  const preview = previewChange(state, plan, clock.now());
  if (preview.kind !== 'now') {
    const message =
      preview.kind === 'refused'
        ? 'An invoice is unpaid. Pay it first.'
        : `Expected a plan that costs more than the present one, received ${plan}.`;
    throw new AppError('conflict', message, { param: 'plan' });
  }
  const { quote } = preview;
  return { purpose: { quote }, amount: quote.charge, validUntil: quote.validUntil };
}

/**
 * Asks Cashfree what became of an order and applies it. Whoever calls, however often and in whatever
 * order (webhooks, the page the customer comes back to, the reconciler), the money counts once.
 *
 * @returns `settled` once money came, `lapsed` when none can come any more, `mismatch` when Cashfree
 *   knows another amount or customer than we do
 */
export async function confirmOrder(id: string): Promise<'unknown' | OrderStatus> {
  const { data: row } = await database().billingOrder.get({ id }).go({ consistent: true });
  if (!row) return 'unknown';
  const account = await findHolder(row.accountId);
  const order = await cashfree().getOrder(id).catch(ignoreNotFound);
  if (!order) return closeUnheard(row);
  const payments = await cashfree().listPayments(id);
  const isOurs =
    order.order_amount === row.amount &&
    order.order_currency === 'INR' &&
    order.customer_details.customer_id === account.id;
  if (!isOurs) {
    logger().error({ order: id }, 'an order differs from what was ordered; nothing is granted');
    if (row.status === 'open') await setStatus(row, 'mismatch');
    return row.status === 'open' ? 'mismatch' : row.status;
  }
  const paid = payments.filter(
    (one) =>
      one.payment_status === 'SUCCESS' && one.order_id === id && one.payment_currency === 'INR',
  );
  const purpose = JSON.parse(row.purpose) as Purpose;
  for (const payment of paid) {
    await changeBilling(account, seller(), {
      type: 'payment_succeeded',
      at: paidAt(payment.payment_time, purpose),
      id: paymentKey(id, payment.cf_payment_id),
      amount: payment.payment_amount,
      ...purpose,
    });
  }
  await runEffects(effectWorld(), account.id);
  const status = paid.length > 0 ? 'settled' : isOver(order, payments) ? 'lapsed' : 'open';
  if (row.status === 'settled') return 'settled';
  if (status !== 'open') await setStatus(row, status);
  return status;
}

/** No money can come any more: what was begun in time has had its time to arrive. */
function isOver(
  { order_expiry_time: expiry, order_status: status }: CashfreeOrder,
  payments: readonly CashfreePayment[],
): boolean {
  if (status === 'TERMINATED') return true;
  const isWaited = payments.some((one) => one.payment_status === 'PENDING');
  return status === 'EXPIRED' && !isWaited && Date.parse(expiry) + paymentGraceMs <= clock.now();
}

/** We died before Cashfree heard of the order, or are just about to tell it. */
async function closeUnheard(row: OrderRow) {
  const isOld = Number(row.createdAt) < clock.now() - shortestOrderMs;
  if (!isOld || row.status !== 'open') return row.status;
  await setStatus(row, 'lapsed');
  return 'lapsed' as const;
}

/** A status only goes forward: what is settled stays so. */
async function setStatus({ accountId, id }: OrderRow, to: OrderStatus): Promise<void> {
  try {
    await database()
      .billingOrder.patch({ id })
      .set({ status: to })
      .composite({ accountId })
      .where(({ status }, { ne }) => ne(status, 'settled'))
      .go();
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
}

/** The same for the customer who comes back from the checkout; nobody else's order is shown. */
export async function confirmOwnOrder(account: Account, id: string): Promise<OrderStatus> {
  return (await findOwnOrder(account, id)).status;
}

/** An order of the account as it is now: Cashfree is asked. */
export async function findOwnOrder(account: Account, id: string) {
  const { data } = await database().billingOrder.get({ id }).go({ consistent: true });
  const status = data?.accountId === account.id ? await confirmOrder(id) : 'unknown';
  if (!data || status === 'unknown') throw new AppError('not_found', 'There is no such order.');
  return { id, amount: data.amount, status, createdAt: Number(data.createdAt) };
}

/** Cashfree's time is to the second and of another clock: never before the quote it pays. */
function paidAt(time: string | null | undefined, purpose: Purpose): number {
  const at = time ? Date.parse(time) : clock.now();
  return 'quote' in purpose ? Math.max(at, purpose.quote.at) : at;
}
