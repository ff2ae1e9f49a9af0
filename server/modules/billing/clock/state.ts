import type { Buyer } from '@nebula/contract/gst';
import type { PlanId } from '@nebula/contract/plans';
import { type Cycle, firstCycle } from './cycle.ts';
import type { Dispute } from './dispute.ts';
import type { CreditNote, Invoice } from './invoice.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Paise } from './money.ts';
import type { Quote } from './preview.ts';
import type { TaxRegime } from './tax.ts';

/** Everything that billing knows of one account. Plain data: it is stored as it is. */
export type BillingState = {
  accountId: string;
  /** Of the next invoice; one that is issued keeps its own. */
  regime: TaxRegime;
  /** Who the next invoice is for, where the customer has said so. */
  buyer?: Buyer;
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
  /** What the customer has allowed us to charge by ourselves; without it they are asked to pay. */
  mandate?: Mandate;
  /** Mandates that are over; one that is heard of again stays so. Absent in old states, like `updates`. */
  endedMandates?: string[];
  /** Payments that their customer's bank questions, by Cashfree's id. */
  disputes?: Record<string, Dispute>;
  /** Its account was deleted: money that still comes goes back. */
  isOfNobody?: boolean;
  /** How often the plan or its status has changed; it names the news of each change. */
  updates?: number;
  /** The latest moment that was applied; an event that comes late counts as of then. */
  clock: number;
};

/** A standing permission to charge; `id` is ours. */
export type Mandate = { id: string };

export type Dunning = {
  invoiceId: string;
  /** When the first attempt was made; days are counted from here. */
  startedAt: number;
  /** Index into `dunningDays` of the attempt that is next or under way. */
  attempt: number;
  /** Whether an attempt was started and its result is not known. */
  isCharging: boolean;
  /** How many attempts were made out of turn, because the customer allowed them anew. */
  extra?: number;
  /** Whether the attempt that is under way is one of those; it takes none of the five. */
  isExtra?: boolean;
};

export type InvoiceBalance = { id: string; regime: TaxRegime; total: Paise; credited: Paise };

/** Without `invoiceId` the money paid for nothing, and a refund of all of it was asked for. */
export type PaymentBalance = {
  invoiceId?: string;
  amount: Paise;
  refunded: Paise;
  /** Refunds by an operator that are on their way, by id. */
  ordered?: Record<string, Paise>;
};

/** What happens to an account. `at` is epoch milliseconds. */
export type BillingEvent =
  /** Time passed. */
  | { type: 'tick'; at: number }
  /** Another plan, or Free to cancel, from the next cycle; the present plan undoes it. */
  | { type: 'plan_chosen'; at: number; plan: PlanId }
  /** Money came: for a quote (upgrade at once) or for the unpaid invoice. `id` is the provider's. */
  | { type: 'payment_succeeded'; at: number; id: string; amount: Paise; quote: Quote }
  | { type: 'payment_succeeded'; at: number; id: string; amount: Paise; invoiceId: string }
  /** The customer has said who is billed from now on. */
  | { type: 'buyer_named'; at: number; buyer: Buyer; regime: TaxRegime }
  /** The account is about to be deleted. */
  | { type: 'account_closed'; at: number }
  /** A renewal attempt was refused. */
  | { type: 'charge_failed'; at: number; invoiceId: string; attempt: number; extra?: number }
  /** The customer has allowed us to charge by ourselves, or allows it no more. */
  | { type: 'mandate_allowed'; at: number; id: string }
  | { type: 'mandate_ended'; at: number; id: string }
  /** An operator wants money to go back, or Cashfree has not sent it. `id` is ours. */
  | { type: 'refund_ordered'; at: number; id: string; paymentId: string; amount: Paise }
  | { type: 'refund_canceled'; at: number; id: string; paymentId: string }
  /** Money went back. `id` is ours. */
  | { type: 'refunded'; at: number; id: string; paymentId: string; amount: Paise }
  /** Cashfree has said how a dispute stands; `id` is its own. */
  | ({ type: 'dispute_told'; at: number } & Omit<Dispute, 'openedAt'>);

/** What must be stored, all or nothing, together with the state. */
export type BillingRecord =
  | { type: 'cycle_ended'; cycle: Cycle }
  | { type: 'cycle_started'; cycle: Cycle }
  | { type: 'invoice'; invoice: Invoice }
  | { type: 'credit_note'; note: CreditNote }
  | { type: 'ledger'; entry: LedgerEntry };

/** What must be done after storing. Each has a key: doing it twice must be doing it once. */
export type BillingEffect =
  | Charge
  | { type: 'end_mandate'; key: string; mandateId: string }
  /** Cashfree is asked again and again until the dispute is over. */
  | { type: 'watch_dispute'; key: string; disputeId: string; paymentId: string }
  /** With `refundId` an operator has ordered it; without, the money paid for nothing. */
  | { type: 'refund'; key: string; paymentId: string; amount: Paise; refundId?: string }
  | { type: 'notify'; key: string; event: BillingNotice };

/** It names its mandate, so that a mandate changed meanwhile is not charged for it a second time. */
export type Charge = {
  type: 'charge';
  key: string;
  invoiceId: string;
  attempt: number;
  extra?: number;
  amount: Paise;
  mandateId?: string;
};

export type BillingNotice =
  | { name: 'paid'; invoiceId: string; isRenewal?: true }
  /** Without `nextAttemptAt` it was the last attempt. */
  | { name: 'payment_failed'; invoiceId: string; attempt: number; nextAttemptAt?: number }
  | { name: 'lapsed'; invoiceId: string }
  | { name: 'refunded'; amount: Paise }
  /** `isKept`: what was chosen before is undone. */
  | { name: 'plan_chosen'; plan: PlanId; isKept: boolean; from: number }
  | { name: 'dispute'; dispute: Dispute }
  | ({ name: 'updated' } & Standing);

/** What others hear of a subscription. A free plan has no end. */
export type Standing = {
  plan: PlanId;
  status: 'active' | 'past_due';
  nextPlan: PlanId;
  cycleEnd?: number;
};

/** Where an account stands; past due from the first failed attempt on. */
export function standingOf({ cycle, dunning, pendingPlan }: BillingState): Standing {
  const { end, plan } = cycle;
  return {
    plan,
    status: dunning && dunning.attempt > 0 ? 'past_due' : 'active',
    nextPlan: pendingPlan ?? plan,
    ...(plan === 'free' ? {} : { cycleEnd: end }),
  };
}

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
