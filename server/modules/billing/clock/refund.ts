import { bookReturn } from './ledger.ts';
import type { Paise } from './money.ts';
import type { BillingEvent, BillingState } from './state.ts';
import { creditInvoice, type Draft } from './transitions.ts';

type Ordered = Extract<BillingEvent, { type: 'refund_ordered' }>;
type Canceled = Extract<BillingEvent, { type: 'refund_canceled' }>;
type Refunded = Extract<BillingEvent, { type: 'refunded' }>;

/** What was asked to go back of a payment and has not gone yet, or may be taken by its bank. */
function onTheWay({ disputes = {}, payments }: BillingState, paymentId: string): Paise {
  const open = Object.values(disputes).filter(
    (one) => one.paymentId === paymentId && one.status === 'open',
  );
  const ordered = Object.values(payments[paymentId]?.ordered ?? {});
  return [...ordered, ...open.map(({ amount }) => amount)].reduce((sum, one) => sum + one, 0);
}

/** The same of everything that paid for one invoice: it can be spent on nothing else. */
export function heldPaise(state: BillingState, invoiceId: string): Paise {
  const ids = Object.keys(state.payments);
  const ofInvoice = ids.filter((id) => state.payments[id]?.invoiceId === invoiceId);
  return ofInvoice.reduce((sum, id) => sum + onTheWay(state, id), 0);
}

/**
 * What an operator may still give back of a payment. What an upgrade carried over into a new cycle is
 * spent, and is not given back a second time; money that paid for nothing goes back by itself.
 */
export function refundablePaise(state: BillingState, paymentId: string): Paise {
  const { invoices, payments } = state;
  const payment = payments[paymentId];
  const invoice = payment?.invoiceId ? invoices[payment.invoiceId] : undefined;
  if (!payment || !invoice) return 0;
  const left = Math.min(payment.amount - payment.refunded, invoice.total - invoice.credited);
  return Math.max(0, left - onTheWay(state, paymentId));
}

/** An operator wants to give money back: so much is set aside until Cashfree has sent it. */
export function orderRefund({ effects, state }: Draft, { amount, id, paymentId }: Ordered): void {
  const payment = state.payments[paymentId];
  if (!payment || amount <= 0 || amount > refundablePaise(state, paymentId)) return;
  payment.ordered = { ...payment.ordered, [id]: amount };
  effects.push({ type: 'refund', key: id, paymentId, amount, refundId: id });
}

/** Cashfree has not sent it, and will not; the order stays known, over nothing. */
export function cancelRefund({ state }: Draft, { id, paymentId }: Canceled): void {
  const payment = state.payments[paymentId];
  if (payment?.ordered?.[id]) payment.ordered[id] = 0;
}

/** The money is gone when this is called; a bank may take more than the invoice has left. */
export function bookRefund(
  draft: Draft,
  { amount, id, paymentId }: Omit<Refunded, 'at' | 'type'>,
  reason: 'refund' | 'dispute',
): void {
  const { effects, records, state } = draft;
  const payment = state.payments[paymentId];
  if (!payment || amount <= 0) return;
  const at = state.clock;
  const invoice = payment.invoiceId ? state.invoices[payment.invoiceId] : undefined;
  const left = invoice ? invoice.total - invoice.credited : payment.amount - payment.refunded;
  const covered = Math.min(amount, Math.max(0, left));
  delete payment.ordered?.[id];
  state.refunds.push(id);
  payment.refunded += amount;
  if (invoice && covered > 0) creditInvoice(draft, invoice, { id, reason, amount: covered }, at);
  const kind = invoice ? 'refund' : 'unapplied_refund';
  const against = invoice ? 'receivable' : 'unapplied';
  const entry = bookReturn({ at, kind, subject: id }, { amount, covered }, against);
  records.push({ type: 'ledger', entry });
  // Of a dispute its own news tell.
  if (reason === 'refund')
    effects.push({ type: 'notify', key: `refunded-${id}`, event: { name: 'refunded', amount } });
}
