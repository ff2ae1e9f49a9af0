import { priceOf } from './cycle.ts';
import type { BillingState, Charge, Dunning, Outcome } from './state.ts';

/**
 * From now on renewals are charged to this mandate. An invoice that is overdue is charged at once, out
 * of turn: whoever names another account to charge wants to be done with it.
 */
export function allowMandate(draft: Outcome, id: string): void {
  const { effects, state } = draft;
  if (priceOf(state.cycle.plan) === 0) {
    // It was allowed too late: there is nothing to renew any more.
    endMandate(state, id);
    effects.push({ type: 'end_mandate', key: id, mandateId: id });
    return;
  }
  withdrawMandate(draft);
  state.mandate = { id };
  const { dunning } = state;
  if (!dunning || dunning.isCharging) return;
  const extra = (dunning.extra ?? 0) + 1;
  state.dunning = { ...dunning, extra, isExtra: true, isCharging: true };
  effects.push(chargeOf(state, state.dunning));
}

/** The mandate may be charged no more, whoever has decided so. */
export function endMandate(state: BillingState, id: string): void {
  state.endedMandates = [...(state.endedMandates ?? []), id];
  if (state.mandate?.id === id) delete state.mandate;
}

/** Gives back what is needed no more: after the last paid cycle, or when another takes its place. */
export function withdrawMandate({ effects, state }: Outcome): void {
  if (!state.mandate) return;
  const { id } = state.mandate;
  endMandate(state, id);
  effects.push({ type: 'end_mandate', key: id, mandateId: id });
}

/** The attempt that is under way, as what is still to be done. */
export function chargeOf({ invoices, mandate }: BillingState, dunning: Dunning): Charge {
  const { attempt, extra, invoiceId, isExtra } = dunning;
  const invoice = invoices[invoiceId];
  if (!invoice) throw new Error(`invoice ${invoiceId} that is dunned for does not exist`);
  return {
    type: 'charge',
    key: `${invoiceId}-${isExtra ? `x${extra}` : attempt}`,
    invoiceId,
    attempt,
    ...(isExtra ? { extra } : {}),
    amount: invoice.total - invoice.credited,
    ...(mandate ? { mandateId: mandate.id } : {}),
  };
}
