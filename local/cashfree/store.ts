import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { disputeStatuses, disputeTypes } from './disputes.ts';

/** Amounts are integer paise in here. */
export type Customer = {
  customer_id: string;
  customer_name: string | null;
  customer_email: string | null;
  customer_phone: string;
};

export type Order = {
  order_id: string;
  cf_order_id: string;
  payment_session_id: string;
  status: 'ACTIVE' | 'PAID' | 'EXPIRED' | 'TERMINATED';
  amount: number;
  currency: string;
  customer: Customer;
  return_url: string | null;
  notify_url: string | null;
  note: string | null;
  tags: Record<string, string> | null;
  created_at: number;
  expires_at: number;
};

export type PaymentStatus = 'SUCCESS' | 'FAILED' | 'PENDING' | 'USER_DROPPED';

/** A payment of an order (`order_id`), or a charge or authorisation of a subscription. */
export type Payment = {
  cf_payment_id: string;
  order_id?: string;
  subscription_id?: string;
  /** The merchant's own id of a charge. */
  payment_id?: string;
  type: 'ORDER' | 'AUTH' | 'CHARGE';
  status: PaymentStatus;
  amount: number;
  method: 'upi' | 'card';
  message: string;
  created_at: number;
};

export type Refund = {
  refund_id: string;
  cf_refund_id: string;
  cf_payment_id: string;
  order_id?: string;
  subscription_id?: string;
  amount: number;
  status: 'PENDING' | 'SUCCESS' | 'CANCELLED';
  note: string | null;
  created_at: number;
  processed_at: number | null;
};

/** A payment that the bank of its customer questions. */
export type Dispute = {
  dispute_id: string;
  cf_payment_id: string;
  type: (typeof disputeTypes)[number];
  status: (typeof disputeStatuses)[number];
  amount: number;
  created_at: number;
  updated_at: number;
  respond_by: number;
  resolved_at: number | null;
};

export type Plan = {
  plan_id: string;
  plan_name: string;
  plan_type: 'ON_DEMAND' | 'PERIODIC';
  max_amount: number;
  recurring_amount: number | null;
  currency: string;
  note: string | null;
};

export type Subscription = {
  subscription_id: string;
  cf_subscription_id: string;
  subscription_session_id: string;
  status:
    | 'INITIALIZED'
    | 'BANK_APPROVAL_PENDING'
    | 'ACTIVE'
    | 'PAUSED'
    | 'CANCELLED'
    | 'CUSTOMER_CANCELLED';
  plan: Plan;
  customer: Customer;
  auth_amount: number;
  return_url: string | null;
  created_at: number;
  expires_at: number;
};

/** An event on its way to the merchant. */
export type Webhook = {
  id: string;
  type: string;
  url: string;
  /** Signed and sent as it stands. */
  body: string;
  attempts: { at: number; status: number | null }[];
  /** When the next attempt is due; null when it arrived or was given up. */
  due_at: number | null;
};

/** How the stand-in behaves towards the merchant; a test changes it. */
export type Rules = {
  /** Keep webhooks back until they are flushed. */
  hold_webhooks: boolean;
  /** How often each webhook is sent again although it arrived. */
  duplicates: number;
  delay_ms: number;
  /** `unavailable` refuses to raise a charge; everything else works. */
  charge_outcome: 'success' | 'failed' | 'pending' | 'unavailable';
  refund_outcome: 'success' | 'pending' | 'cancelled';
  /** Answer this many API calls with `fail_status`; `fail_after` does the work first. */
  fail_calls: number;
  fail_status: number;
  fail_after: boolean;
};

export type State = {
  clock_offset_ms: number;
  sequence: number;
  orders: Record<string, Order>;
  payments: Record<string, Payment>;
  refunds: Record<string, Refund>;
  disputes: Record<string, Dispute>;
  plans: Record<string, Plan>;
  subscriptions: Record<string, Subscription>;
  idempotency: Record<string, { request: string; status: number; body: string }>;
  webhooks: Webhook[];
  rules: Rules;
};

export const defaultRules: Rules = {
  hold_webhooks: false,
  duplicates: 0,
  delay_ms: 0,
  charge_outcome: 'success',
  refund_outcome: 'success',
  fail_calls: 0,
  fail_status: 503,
  fail_after: false,
};

const empty = (): State => ({
  clock_offset_ms: 0,
  sequence: 1_453_000_000,
  orders: {},
  payments: {},
  refunds: {},
  disputes: {},
  plans: {},
  subscriptions: {},
  idempotency: {},
  webhooks: [],
  rules: { ...defaultRules },
});

const keptWebhooks = 1000;

export type Store = {
  state: State;
  /** The time of this world; the control API moves it. */
  now: () => number;
  /** Ids that grow and never come twice, as the real ones. */
  nextId: () => string;
  save: () => void;
  reset: () => void;
};

/** The whole state in one file, written before any answer leaves: a restart loses nothing. */
export function openStore(dir: string): Store {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'state.json');
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<State>) : {};
  const state: State = { ...empty(), ...kept };
  const save = () => {
    state.webhooks = state.webhooks.slice(-keptWebhooks);
    writeFileSync(`${path}.new`, JSON.stringify(state));
    renameSync(`${path}.new`, path);
  };
  return {
    state,
    now: () => Date.now() + state.clock_offset_ms,
    nextId: () => {
      state.sequence += 1;
      return String(state.sequence);
    },
    save,
    reset: () => {
      // Ids go on: a merchant that kept its own data must not meet the same id twice.
      Object.assign(state, { ...empty(), sequence: state.sequence });
      save();
    },
  };
}
