import { type Cycle, followingCycle, priceOf, wholeSecond } from './cycle.ts';
import { attemptDueAt, lapseDueAt } from './dunning.ts';
import { type CreditNote, issueCreditNote, issueInvoice } from './invoice.ts';
import { bookSale } from './ledger.ts';
import { chargeOf, withdrawMandate } from './mandate.ts';
import type { Paise } from './money.ts';
import type { InvoiceBalance, Outcome } from './state.ts';

/** An outcome in the making; these functions change it in place. */
export type Draft = Outcome;

/** Lets time pass up to `now`: everything that falls due happens, at its own moment and in order. */
export function advance(draft: Draft, now: number): void {
  const { state } = draft;
  for (;;) {
    const lapseAt = lapseDueAt(state);
    if (lapseAt <= now) lapse(draft, lapseAt);
    else if (state.cycle.end <= now) renew(draft, now);
    else break;
  }
  state.clock = Math.max(state.clock, now);
  charge(draft);
}

/**
 * Goes over into the next cycle; a paid one brings its invoice, which then has to be paid. The days
 * of dunning count from `now`: when we are late, the customer is not charged five times in a row.
 */
function renew(draft: Draft, now: number): void {
  const { state } = draft;
  const plan = state.pendingPlan ?? state.cycle.plan;
  delete state.pendingPlan;
  const next = followingCycle(state.cycle, plan);
  state.clock = Math.max(state.clock, next.start);
  const invoice = startCycle(draft, next);
  if (!invoice) return;
  state.dunning = { invoiceId: invoice.id, startedAt: now, attempt: 0, isCharging: false };
}

/** Ends the present cycle where the next one starts, and bills the next one if it costs. */
export function startCycle(draft: Draft, next: Cycle): InvoiceBalance | undefined {
  const { records, state } = draft;
  records.push({ type: 'cycle_ended', cycle: { ...state.cycle, end: next.start } });
  records.push({ type: 'cycle_started', cycle: next });
  state.cycle = next;
  if (priceOf(next.plan) === 0) {
    withdrawMandate(draft);
    return undefined;
  }
  const at = state.clock;
  const invoice = issueInvoice(state.accountId, next, at, state.regime);
  const { id, regime, total } = invoice;
  const source = { at, kind: 'invoice', subject: id } as const;
  records.push({ type: 'invoice', invoice });
  records.push({ type: 'ledger', entry: bookSale(source, invoice.lines[0].split, 1) });
  const balance = { id, regime, total, credited: 0 };
  state.invoices[id] = balance;
  return balance;
}

/** Starts the attempt that is due. One at a time: as long as its result is unknown, no other. */
function charge({ effects, state }: Draft): void {
  const { clock, dunning } = state;
  if (!dunning || dunning.isCharging || attemptDueAt(dunning) > clock) return;
  state.dunning = { ...dunning, isCharging: true };
  effects.push(chargeOf(state, state.dunning));
}

/** Falls back to the Free limits and forgives the unpaid invoice; nothing of the account is deleted. */
export function lapse(draft: Draft, moment: number): void {
  const { effects, state } = draft;
  const invoiceId = state.dunning?.invoiceId ?? '';
  endUnpaid(draft, wholeSecond(moment));
  const event = { name: 'lapsed', invoiceId } as const;
  effects.push({ type: 'notify', key: `${invoiceId}-lapsed`, event });
}

/** Nobody is left to use a plan or to pay for it. */
export function close(draft: Draft): void {
  const { clock, cycle } = draft.state;
  if (priceOf(cycle.plan) > 0) endUnpaid(draft, wholeSecond(clock));
}

function endUnpaid(draft: Draft, at: number): void {
  const { state } = draft;
  const invoiceId = state.dunning?.invoiceId ?? '';
  const invoice = state.invoices[invoiceId];
  delete state.dunning;
  state.clock = Math.max(state.clock, at);
  endPlan(draft, at);
  if (!invoice) return;
  const amount = invoice.total - invoice.credited;
  creditInvoice(draft, invoice, { id: `${invoiceId}-unpaid`, reason: 'unpaid', amount }, at);
}

/** The limits of Free hold from a whole second on; nothing of the account is deleted. */
export function endPlan(draft: Draft, at: number): void {
  const { state } = draft;
  delete state.pendingPlan;
  startCycle(draft, followingCycle({ ...state.cycle, end: at }, 'free'));
}

type Credit = Pick<CreditNote, 'id' | 'reason'> & { amount: Paise };

/** Takes back a part of an invoice; the caller sees to it that so much is left. */
export function creditInvoice(draft: Draft, invoice: InvoiceBalance, credit: Credit, at: number) {
  const { id, reason } = credit;
  const before = invoice.credited;
  const note = issueCreditNote(invoice, {
    id,
    reason,
    amount: credit.amount,
    before,
    issuedAt: at,
  });
  invoice.credited = before + credit.amount;
  const source = { at, kind: 'credit_note', subject: id } as const;
  draft.records.push({ type: 'credit_note', note });
  draft.records.push({ type: 'ledger', entry: bookSale(source, note.split, -1) });
}
