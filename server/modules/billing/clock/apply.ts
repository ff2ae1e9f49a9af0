import { followingCycle, priceOf } from './cycle.ts';
import { isDisputeKnown, noteDispute } from './dispute.ts';
import { attemptDueAt, isLastAttempt } from './dunning.ts';
import { bookMoney } from './ledger.ts';
import { allowMandate, endMandate } from './mandate.ts';
import { isQuoteValid, type Quote } from './preview.ts';
import { bookRefund, cancelRefund, orderRefund } from './refund.ts';
import { type BillingEvent, type BillingState, type Outcome, standingOf } from './state.ts';
import { advance, close, creditInvoice, type Draft, lapse, startCycle } from './transitions.ts';

/**
 * Applies one event to an account: pure, total, and the same for the same arguments.
 *
 * Time comes first: whatever was due up to `event.at` happens before the event. An event that was
 * applied already, that comes too late or that fits nothing changes nothing but the time; money that
 * fits nothing is booked and sent back. Store `state` and `records` together, then do `effects`.
 *
 * @example
 * const preview = previewChange(state, 'pro', now);
 * // …the customer pays preview.quote.charge…
 * applyEvent(state, { type: 'payment_succeeded', at, id, amount, quote: preview.quote });
 */
export function applyEvent(state: BillingState, event: BillingEvent): Outcome {
  const draft: Draft = { state: structuredClone(state), records: [], effects: [] };
  if (wasApplied(state, event)) return draft;
  advance(draft, Math.max(event.at, state.clock));
  switch (event.type) {
    case 'tick':
      break;
    case 'plan_chosen':
      choosePlan(draft, event);
      break;
    case 'payment_succeeded':
      takePayment(draft, event);
      break;
    case 'buyer_named':
      draft.state.buyer = event.buyer;
      draft.state.regime = event.regime;
      break;
    case 'account_closed':
      close(draft);
      break;
    case 'charge_failed':
      failAttempt(draft, event);
      break;
    case 'mandate_allowed':
      allowMandate(draft, event.id);
      break;
    case 'mandate_ended':
      endMandate(draft.state, event.id);
      break;
    case 'refund_ordered':
      orderRefund(draft, event);
      break;
    case 'refund_canceled':
      cancelRefund(draft, event);
      break;
    case 'refunded':
      bookRefund(draft, event, 'refund');
      break;
    case 'dispute_told':
      noteDispute(draft, event);
  }
  noteUpdate(state, draft);
  return draft;
}

/** One piece of news for whatever an event has changed about the subscription. */
function noteUpdate(before: BillingState, { effects, state }: Draft): void {
  const standing = standingOf(state);
  if (JSON.stringify(standingOf(before)) === JSON.stringify(standing)) return;
  state.updates = (state.updates ?? 0) + 1;
  const key = `${state.accountId}-${state.updates}-updated`;
  effects.push({ type: 'notify', key, event: { name: 'updated', ...standing } });
}

function wasApplied(state: BillingState, event: BillingEvent): boolean {
  const { chosenAt, endedMandates = [], mandate, payments, refunds } = state;
  if (event.type === 'plan_chosen') return event.at <= chosenAt;
  if (event.type === 'mandate_ended') return endedMandates.includes(event.id);
  if (event.type === 'mandate_allowed')
    return mandate?.id === event.id || endedMandates.includes(event.id);
  if (event.type === 'dispute_told') return isDisputeKnown(state, event);
  if (event.type === 'payment_succeeded') return event.id in payments;
  if (event.type === 'refund_ordered')
    return refunds.includes(event.id) || event.id in (payments[event.paymentId]?.ordered ?? {});
  return event.type === 'refunded' && refunds.includes(event.id);
}

type Choice = Extract<BillingEvent, { type: 'plan_chosen' }>;

/** A dearer plan is never chosen for later: it is paid for, and then it starts. */
function choosePlan({ effects, state }: Draft, { at, plan }: Choice): void {
  const { cycle, pendingPlan = cycle.plan } = state;
  state.chosenAt = at;
  if (priceOf(plan) > priceOf(cycle.plan)) return;
  if (plan === cycle.plan) delete state.pendingPlan;
  else state.pendingPlan = plan;
  if (plan === pendingPlan) return;
  const event = {
    name: 'plan_chosen',
    plan,
    isKept: plan === cycle.plan,
    from: cycle.end,
  } as const;
  effects.push({ type: 'notify', key: `chosen-${at}`, event });
}

type Payment = Extract<BillingEvent, { type: 'payment_succeeded' }>;

function takePayment(draft: Draft, payment: Payment): void {
  const { state } = draft;
  if (state.isOfNobody) {
    sendBack(draft, payment);
    return;
  }
  if ('quote' in payment) {
    if (payment.amount === payment.quote.charge && isQuoteValid(state, payment.quote, payment.at)) {
      upgrade(draft, payment, payment.quote);
      return;
    }
  } else if (state.dunning?.invoiceId === payment.invoiceId) {
    const invoice = state.invoices[payment.invoiceId];
    if (invoice && payment.amount === invoice.total - invoice.credited) {
      settle(draft, payment, payment.invoiceId);
      return;
    }
  }
  sendBack(draft, payment);
}

function upgrade(draft: Draft, payment: Payment, quote: Quote): void {
  const { state } = draft;
  const { cycle } = state;
  const old = state.invoices[`${state.accountId}-${cycle.index}`];
  delete state.pendingPlan;
  const next = startCycle(draft, followingCycle({ ...cycle, end: quote.at }, quote.plan));
  if (old && quote.credit > 0) {
    const note = { id: `${payment.id}-upgrade`, reason: 'upgrade', amount: quote.credit } as const;
    creditInvoice(draft, old, note, state.clock);
  }
  receive(draft, payment, next?.id);
  if (next)
    draft.effects.push({
      type: 'notify',
      key: payment.id,
      event: { name: 'paid', invoiceId: next.id },
    });
}

function settle(draft: Draft, payment: Payment, invoiceId: string): void {
  delete draft.state.dunning;
  receive(draft, payment, invoiceId);
  const event = { name: 'paid', invoiceId, isRenewal: true } as const;
  draft.effects.push({ type: 'notify', key: payment.id, event });
}

function receive({ records, state }: Draft, { amount, id }: Payment, invoiceId?: string): void {
  state.payments[id] = { invoiceId, amount, refunded: 0 };
  const source = { at: state.clock, kind: 'payment', subject: id } as const;
  records.push({ type: 'ledger', entry: bookMoney(source, amount, 'receivable') });
}

/** Money for a dead quote, for an invoice that is paid, of a wrong amount, or for an account that is gone. */
function sendBack({ effects, records, state }: Draft, { amount, id }: Payment): void {
  state.payments[id] = { amount, refunded: 0 };
  const source = { at: state.clock, kind: 'unapplied_payment', subject: id } as const;
  records.push({ type: 'ledger', entry: bookMoney(source, amount, 'unapplied') });
  effects.push({ type: 'refund', key: `return-${id}`, paymentId: id, amount });
}

type Failure = Extract<BillingEvent, { type: 'charge_failed' }>;

function failAttempt(draft: Draft, { attempt, extra, invoiceId }: Failure): void {
  const { dunning } = draft.state;
  if (dunning?.invoiceId !== invoiceId || dunning.attempt !== attempt || !dunning.isCharging)
    return;
  if (extra !== (dunning.isExtra ? dunning.extra : undefined)) return;
  const { isExtra, ...rest } = dunning;
  const isLast = !isExtra && isLastAttempt(attempt);
  const next = { ...rest, attempt: isExtra ? attempt : attempt + 1, isCharging: false };
  const nextAttemptAt = isLast ? undefined : attemptDueAt(next);
  draft.effects.push({
    type: 'notify',
    key: extra === undefined ? `${invoiceId}-${attempt}` : `${invoiceId}-x${extra}`,
    event: {
      name: 'payment_failed',
      invoiceId,
      attempt,
      ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
    },
  });
  if (isLast) lapse(draft, draft.state.clock);
  else draft.state.dunning = next;
}
