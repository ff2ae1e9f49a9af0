import { wholeSecond } from './cycle.ts';
import type { Paise } from './money.ts';
import { bookRefund } from './refund.ts';
import type { BillingEvent, BillingState } from './state.ts';
import { type Draft, endPlan } from './transitions.ts';

export type DisputeStatus = 'open' | 'won' | 'lost';

/** A payment that its customer's bank questions. */
export type Dispute = {
  /** Cashfree's. */
  id: string;
  paymentId: string;
  amount: Paise;
  status: DisputeStatus;
  /** How far it has gone: one that was won may begin again, and then it is a later stage. */
  stage: number;
  reason: string;
  /** Until when the bank takes an answer. */
  respondBy?: number;
  openedAt: number;
};

type Told = Extract<BillingEvent, { type: 'dispute_told' }>;

const rankOf = ({ stage, status }: Pick<Dispute, 'stage' | 'status'>) =>
  status === 'lost' ? Number.POSITIVE_INFINITY : 2 * stage + (status === 'won' ? 1 : 0);

/** A dispute goes forward only: what is lost stays so, and what came before is void. */
export function isDisputeKnown({ disputes }: BillingState, told: Told): boolean {
  const known = disputes?.[told.id];
  return known !== undefined && rankOf(known) >= rankOf(told);
}

/**
 * Notes how a dispute stands. While it is open its money can be given back or spent by nobody else;
 * one that was lost takes it back, and with all that paid for the present cycle the plan ends.
 */
export function noteDispute(draft: Draft, { at: _, type: __, ...told }: Told): void {
  const { effects, state } = draft;
  const { accountId, clock, cycle } = state;
  const payment = state.payments[told.paymentId];
  if (!payment) return;
  const openedAt = state.disputes?.[told.id]?.openedAt ?? clock;
  const dispute: Dispute = { ...told, openedAt };
  state.disputes = { ...state.disputes, [told.id]: dispute };
  const key = `${told.id}-${told.stage}-${told.status}`;
  effects.push({ type: 'notify', key: `dispute-${key}`, event: { name: 'dispute', dispute } });
  if (told.status === 'open')
    effects.push({
      type: 'watch_dispute',
      key,
      disputeId: told.id,
      paymentId: told.paymentId,
    });
  if (told.status !== 'lost') return;
  const { amount, id, paymentId } = told;
  bookRefund(draft, { id: `dsp_${id}`, paymentId, amount }, 'dispute');
  const isOfCycle = payment.invoiceId === `${accountId}-${cycle.index}`;
  if (isOfCycle && payment.refunded >= payment.amount) endPlan(draft, wholeSecond(clock));
}
