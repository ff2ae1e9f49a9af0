import { bookMoney } from './ledger.ts';
import type { Paise } from './money.ts';
import type { BillingEvent, BillingState, PaymentBalance } from './state.ts';
import { creditInvoice, type Draft } from './transitions.ts';

type Ordered = Extract<BillingEvent, { type: 'refund_ordered' }>;
type Canceled = Extract<BillingEvent, { type: 'refund_canceled' }>;
type Refunded = Extract<BillingEvent, { type: 'refunded' }>;

/** What was asked to go back of a payment and has not gone yet. */
const onTheWay = ({ ordered = {} }: PaymentBalance): Paise =>
  Object.values(ordered).reduce((sum, amount) => sum + amount, 0);

/** The same of everything that paid for one invoice: it can be spent on nothing else. */
export function orderedPaise({ payments }: BillingState, invoiceId: string): Paise {
  const ofInvoice = Object.values(payments).filter((one) => one.invoiceId === invoiceId);
  return ofInvoice.reduce((sum, one) => sum + onTheWay(one), 0);
}

/**
 * What an operator may still give back of a payment. What an upgrade carried over into a new cycle is
 * spent, and is not given back a second time; money that paid for nothing goes back by itself.
 */
export function refundablePaise({ invoices, payments }: BillingState, paymentId: string): Paise {
  const payment = payments[paymentId];
  const invoice = payment?.invoiceId ? invoices[payment.invoiceId] : undefined;
  if (!payment || !invoice) return 0;
  const left = Math.min(payment.amount - payment.refunded, invoice.total - invoice.credited);
  return Math.max(0, left - onTheWay(payment));
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

/** The money is gone when this is called; a dispute may take more than the invoice has left. */
export function bookRefund(draft: Draft, { amount, id, paymentId, reason }: Refunded): void {
  const { records, state } = draft;
  const payment = state.payments[paymentId];
  if (!payment || amount <= 0 || amount > payment.amount - payment.refunded) return;
  delete payment.ordered?.[id];
  state.refunds.push(id);
  payment.refunded += amount;
  const invoice = payment.invoiceId ? state.invoices[payment.invoiceId] : undefined;
  const at = state.clock;
  const credit = invoice ? Math.min(amount, invoice.total - invoice.credited) : 0;
  if (invoice && credit > 0) creditInvoice(draft, invoice, { id, reason, amount: credit }, at);
  const kind = invoice ? 'refund' : 'unapplied_refund';
  const against = invoice ? 'receivable' : 'unapplied';
  records.push({ type: 'ledger', entry: bookMoney({ at, kind, subject: id }, -amount, against) });
}
