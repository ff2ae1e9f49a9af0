import type { PlanId } from '@nebula/contract/plans';
import { cycleMs, priceOf, quoteMs, unusedPaise, wholeSecond } from './cycle.ts';
import type { Paise } from './money.ts';
import { heldPaise } from './refund.ts';
import type { BillingState } from './state.ts';
import { splitTax, type TaxSplit } from './tax.ts';

/** A price that holds for a while, and everything that it was computed from. */
export type Quote = {
  /** The moment the new cycle starts, a whole second. */
  at: number;
  plan: PlanId;
  fromPlan: PlanId;
  /** The cycle that it cuts; a quote dies with it. */
  cycleIndex: number;
  /** Price of the new cycle. */
  price: Paise;
  /** Worth of the seconds that the old cycle still had. */
  credit: Paise;
  /** What is paid: `price` less `credit`. */
  charge: Paise;
  validUntil: number;
};

/** What a change of plan will do, before it is done. */
export type Preview =
  | { kind: 'now'; quote: Quote; split: TaxSplit; renewsAt: number; renewalPrice: Paise }
  | { kind: 'at_cycle_end'; plan: PlanId; at: number; charge: 0; renewalPrice: Paise }
  | { kind: 'unchanged'; plan: PlanId; renewsAt: number; renewalPrice: Paise }
  | { kind: 'refused'; reason: 'invoice_unpaid'; invoiceId: string };

/**
 * Says exactly what a change would charge: paying `quote.charge` for `quote` before `validUntil`
 * applies these figures and no others. Read it from a state that `applyEvent` has ticked to `now`.
 */
export function previewChange(state: BillingState, plan: PlanId, now: number): Preview {
  const { cycle, dunning, pendingPlan } = state;
  const price = priceOf(plan);
  if (price > priceOf(cycle.plan)) {
    if (dunning) {
      return { kind: 'refused', reason: 'invoice_unpaid', invoiceId: dunning.invoiceId };
    }
    const quote = quoteFor(state, plan, now);
    const split = splitTax(price, state.regime);
    return { kind: 'now', quote, split, renewsAt: quote.at + cycleMs, renewalPrice: price };
  }
  if (plan === (pendingPlan ?? cycle.plan)) {
    return { kind: 'unchanged', plan, renewsAt: cycle.end, renewalPrice: price };
  }
  return { kind: 'at_cycle_end', plan, at: cycle.end, charge: 0, renewalPrice: price };
}

function quoteFor(state: BillingState, plan: PlanId, now: number): Quote {
  const { cycle } = state;
  const at = Math.max(wholeSecond(now), cycle.start);
  const price = priceOf(plan);
  const credit = Math.min(unusedPaise(cycle, at), creditLeft(state));
  return {
    at,
    plan,
    fromPlan: cycle.plan,
    cycleIndex: cycle.index,
    price,
    credit,
    charge: price - credit,
    validUntil: Math.min(at + quoteMs, cycle.end),
  };
}

/** A refund may have given back a part of this cycle already; nothing is given back twice. */
function creditLeft(state: BillingState): Paise {
  const invoice = state.invoices[`${state.accountId}-${state.cycle.index}`];
  if (!invoice) return 0;
  return Math.max(0, invoice.total - invoice.credited - heldPaise(state, invoice.id));
}

/**
 * Whether a payment made at `at` may be applied to a quote: it was in time, and the quote computed
 * again from the state of now comes out the same.
 */
export function isQuoteValid(state: BillingState, quote: Quote, at: number): boolean {
  const { cycle, dunning } = state;
  if (dunning || quote.cycleIndex !== cycle.index || at < quote.at || at > quote.validUntil) {
    return false;
  }
  if (priceOf(quote.plan) <= priceOf(cycle.plan)) return false;
  const now = quoteFor(state, quote.plan, quote.at);
  return quote.at === now.at && quote.charge === now.charge && quote.credit === now.credit;
}
