import type { PlanId } from '@nebula/contract/plans';
import { type Cycle, firstCycle } from './cycle.ts';
import type { CreditNote, Invoice } from './invoice.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Paise } from './money.ts';
import type { Quote } from './preview.ts';
import type { TaxRegime } from './tax.ts';

/** Everything that billing knows of one account. Plain data: it is stored as it is. */
export type BillingState = {
  accountId: string;
  regime: TaxRegime;
  cycle: Cycle;
  /** The plan of the next cycle, when it differs. */
  pendingPlan?: PlanId;
  /** When a plan was last chosen for later; an older choice, or the same one again, is void. */
  chosenAt: number;
  /** Set while the invoice of this cycle is unpaid; the plan's limits still hold. */
  dunning?: Dunning;
  invoices: Record<string, InvoiceBalance>;
  payments: Record<string, PaymentBalance>;
  /** Ids of refunds that are booked. */
  refunds: string[];
  /** The latest moment that was applied; an event that comes late counts as of then. */
  clock: number;
};

export type Dunning = {
  invoiceId: string;
  /** When the first attempt was made; days are counted from here. */
  startedAt: number;
  /** Index into `dunningDays` of the attempt that is next or under way. */
  attempt: number;
  /** Whether an attempt was started and its result is not known. */
  isCharging: boolean;
};

export type InvoiceBalance = { id: string; regime: TaxRegime; total: Paise; credited: Paise };

/** Without `invoiceId` the money paid for nothing, and a refund of all of it was asked for. */
export type PaymentBalance = { invoiceId?: string; amount: Paise; refunded: Paise };

/** What happens to an account. `at` is epoch milliseconds. */
export type BillingEvent =
  /** Time passed. */
  | { type: 'tick'; at: number }
  /** Another plan, or Free to cancel, from the next cycle; the present plan undoes it. */
  | { type: 'plan_chosen'; at: number; plan: PlanId }
  /** Money came: for a quote (upgrade at once) or for the unpaid invoice. `id` is the provider's. */
  | { type: 'payment_succeeded'; at: number; id: string; amount: Paise; quote: Quote }
  | { type: 'payment_succeeded'; at: number; id: string; amount: Paise; invoiceId: string }
  /** A renewal attempt was refused. */
  | { type: 'charge_failed'; at: number; invoiceId: string; attempt: number }
  /** Money went back. `id` is ours; a dispute that was lost is a refund that we did not choose. */
  | {
      type: 'refunded';
      at: number;
      id: string;
      paymentId: string;
      amount: Paise;
      reason: 'refund' | 'dispute';
    };

/** What must be stored, all or nothing, together with the state. */
export type BillingRecord =
  | { type: 'cycle_ended'; cycle: Cycle }
  | { type: 'cycle_started'; cycle: Cycle }
  | { type: 'invoice'; invoice: Invoice }
  | { type: 'credit_note'; note: CreditNote }
  | { type: 'ledger'; entry: LedgerEntry };

/** What must be done after storing. Each has a key: doing it twice must be doing it once. */
export type BillingEffect =
  | { type: 'charge'; key: string; invoiceId: string; attempt: number; amount: Paise }
  | { type: 'refund'; key: string; paymentId: string; amount: Paise }
  | { type: 'notify'; key: string; event: BillingNotice };

export type BillingNotice =
  | { name: 'renewed'; invoiceId: string }
  | { name: 'paid'; invoiceId: string }
  | { name: 'payment_failed'; invoiceId: string; attempt: number; nextAttemptAt: number }
  | { name: 'lapsed'; invoiceId: string }
  | { name: 'plan_changed'; plan: PlanId };

export type Outcome = { state: BillingState; records: BillingRecord[]; effects: BillingEffect[] };

/** An account that just registered: on Free. */
export function openBilling(accountId: string, at: number, regime: TaxRegime = 'none'): Outcome {
  const cycle = firstCycle(at);
  const state: BillingState = {
    accountId,
    regime,
    cycle,
    chosenAt: 0,
    invoices: {},
    payments: {},
    refunds: [],
    clock: at,
  };
  return { state, records: [{ type: 'cycle_started', cycle }], effects: [] };
}
