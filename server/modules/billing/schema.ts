import { buyerSchema } from '@nebula/contract/gst';
import type { Plan } from '@nebula/contract/plans';
import { planIds } from '@nebula/contract/plans';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import type { Dispute } from './clock/dispute.ts';
import { attemptDueAt } from './clock/dunning.ts';
import type { Preview } from './clock/preview.ts';
import { type BillingState, standingOf } from './clock/state.ts';
import type { BillingDocument } from './invoices.ts';

export const planSchema = z.object({
  id: z.string(),
  name: z.string(),
  price: z.int().describe('Price of 30 days in the smallest unit of the currency.'),
  currency: z.literal('INR'),
  max_input_bytes: z.int(),
  calls_per_cycle: z.int(),
  requests_per_minute: z.int(),
  concurrent_jobs: z.int(),
  max_timeout_seconds: z.int(),
  retention_seconds: z.int(),
});

export const planListSchema = z.object({ data: z.array(planSchema) });

export function toPublicPlan(plan: Plan): z.infer<typeof planSchema> {
  return {
    id: plan.id,
    name: plan.name,
    price: plan.pricePaise,
    currency: 'INR',
    max_input_bytes: plan.maxInputBytes,
    calls_per_cycle: plan.callsPerCycle,
    requests_per_minute: plan.requestsPerMinute,
    concurrent_jobs: plan.concurrentJobs,
    max_timeout_seconds: plan.maxTimeoutSeconds,
    retention_seconds: plan.retentionSeconds,
  };
}

export const choosePlanInput = z.strictObject({ plan: z.enum(planIds) });

const phone = z.string().regex(/^\+?\d{10,15}$/, 'Expected a phone number of 10 to 15 digits.');

export const checkoutInput = z.strictObject({
  plan: z.enum(planIds).optional().describe('A dearer plan; left out, the unpaid invoice is paid.'),
  phone,
});

export const checkoutSchema = z.object({
  order_id: z.string(),
  amount: z.int().describe('Paise.'),
  payment_session_id: z.string().describe("For Cashfree's own script."),
  url: z.url().describe('Where to pay.'),
});

export const orderInput = z.strictObject({ order_id: z.string().max(45) });

export const orderIdInput = z.strictObject({ id: z.string().max(45).describe('Id of the order.') });

export const orderSchema = z.object({
  id: z.string(),
  object: z.literal('order'),
  amount: z.int().describe('Paise.'),
  status: z
    .enum(['open', 'settled', 'lapsed', 'mismatch'])
    .describe('`settled` once money came, `lapsed` when none can come any more.'),
  created_at: z.iso.datetime(),
});

type Order = Pick<z.infer<typeof orderSchema>, 'amount' | 'id' | 'status'> & { createdAt: number };

export const toPublicOrder = ({ createdAt, ...order }: Order): z.infer<typeof orderSchema> => ({
  ...order,
  object: 'order',
  created_at: isoTime(createdAt),
});

export const mandateStartInput = z.strictObject({ phone });

export const mandateInput = z.strictObject({ mandate_id: z.string().max(45) });

export const subscriptionSchema = z.object({
  plan: z.enum(planIds),
  status: z.enum(['active', 'past_due']),
  cycle_start: z.iso.datetime(),
  cycle_end: z.iso.datetime(),
  next_plan: z.enum(planIds).describe('The plan of the next cycle.'),
  renews_automatically: z.boolean().describe('Whether a mandate is charged.'),
  unpaid_invoice: z.object({ id: z.string(), amount: z.int() }).nullable(),
  next_attempt_at: z.iso.datetime().nullable(),
});

/** Where an account stands. */
export function toPublicBilling(state: BillingState): z.infer<typeof subscriptionSchema> {
  const { cycle, dunning, invoices, mandate, pendingPlan } = state;
  const unpaid = dunning && invoices[dunning.invoiceId];
  return {
    plan: cycle.plan,
    status: standingOf(state).status,
    cycle_start: isoTime(cycle.start),
    cycle_end: isoTime(cycle.end),
    next_plan: pendingPlan ?? cycle.plan,
    renews_automatically: mandate !== undefined,
    unpaid_invoice: unpaid ? { id: unpaid.id, amount: unpaid.total - unpaid.credited } : null,
    next_attempt_at: dunning && !dunning.isCharging ? isoTime(attemptDueAt(dunning)) : null,
  };
}

const paise = z.int().describe('Paise.');

export const previewSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('now'),
    plan: z.enum(planIds),
    price: paise,
    credit: paise.describe('Worth of the rest of the present cycle, in paise.'),
    charge: paise.describe('What is paid now, in paise.'),
    valid_until: z.iso.datetime(),
    renews_at: z.iso.datetime(),
    renewal_price: paise,
    tax: z.object({ taxable: paise, cgst: paise, sgst: paise, igst: paise }),
  }),
  z.object({
    kind: z.enum(['at_cycle_end', 'unchanged']),
    plan: z.enum(planIds),
    charge: z.literal(0),
    effective_at: z.iso.datetime(),
    renewal_price: paise,
  }),
  z.object({ kind: z.literal('refused'), reason: z.literal('invoice_unpaid') }),
]);

/** What a change would do; amounts are paise. */
export function toPublicPreview(preview: Preview): z.infer<typeof previewSchema> {
  if (preview.kind === 'refused') return { kind: preview.kind, reason: preview.reason };
  if (preview.kind === 'now') {
    const { quote, renewalPrice, renewsAt, split } = preview;
    const { cgst, igst, sgst, taxable } = split;
    return {
      kind: preview.kind,
      plan: quote.plan,
      price: quote.price,
      credit: quote.credit,
      charge: quote.charge,
      valid_until: isoTime(quote.validUntil),
      renews_at: isoTime(renewsAt),
      renewal_price: renewalPrice,
      tax: { taxable, cgst, sgst, igst },
    };
  }
  const at = preview.kind === 'unchanged' ? preview.renewsAt : preview.at;
  return {
    kind: preview.kind,
    plan: preview.plan,
    charge: 0,
    effective_at: isoTime(at),
    renewal_price: preview.renewalPrice,
  };
}

export const disputeSchema = z.object({
  id: z.string(),
  object: z.literal('dispute'),
  payment_id: z.string(),
  amount: paise,
  status: z.enum(['open', 'won', 'lost']).describe('`lost`: the bank has taken the money back.'),
  reason: z.string().describe("The bank's."),
  opened_at: z.iso.datetime(),
  respond_by: z.iso.datetime().nullable().describe('Until when the bank takes an answer.'),
});

export const disputeListSchema = z.object({ data: z.array(disputeSchema) });

export function toPublicDispute(dispute: Dispute): z.infer<typeof disputeSchema> {
  const { amount, id, openedAt, paymentId, reason, respondBy, status } = dispute;
  return {
    id,
    object: 'dispute',
    payment_id: paymentId,
    amount,
    status,
    reason,
    opened_at: isoTime(openedAt),
    respond_by: respondBy === undefined ? null : isoTime(respondBy),
  };
}

export const billingDetailsSchema = z.object({
  buyer: buyerSchema.nullable().describe('Null until somebody has said who is billed.'),
  tax: z
    .enum(['cgst_sgst', 'igst', 'none'])
    .describe(
      'What the next invoice carries: GST within the state of the seller, across, or none.',
    ),
});

export const invoiceIdInput = z.strictObject({
  id: z.string().max(80).describe('Id of the invoice or credit note.'),
});

export const invoiceSchema = z.object({
  id: z.string(),
  object: z.enum(['invoice', 'credit_note']),
  number: z.string(),
  description: z.string(),
  total: z.int().describe('Paise, taxes included.'),
  tax: z.int(),
  taxable: z.int().describe('Paise before tax.'),
  cgst: z.int(),
  sgst: z.int(),
  igst: z.int(),
  buyer: buyerSchema.nullable().describe('Who was billed, where the customer had said so.'),
  issued_at: z.iso.datetime(),
  invoice_id: z.string().nullable().describe('The invoice that a credit note belongs to.'),
});

export const invoiceListSchema = z.object({
  data: z.array(invoiceSchema),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export const listInvoicesInput = z.strictObject({
  limit: z.int().min(1).max(100).default(20).describe('Invoices in one answer.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('`next_cursor` of the answer before; none for the newest ones.'),
});

export function toPublicInvoice(document: BillingDocument): z.infer<typeof invoiceSchema> {
  const { id, issuedAt, kind, number } = document;
  const isInvoice = kind === 'invoice';
  const split = isInvoice ? document.content.lines[0].split : document.content.split;
  return {
    id,
    object: kind,
    number,
    description: isInvoice ? document.content.lines[0].description : document.content.reason,
    total: split.total,
    tax: split.total - split.taxable,
    taxable: split.taxable,
    cgst: split.cgst,
    sgst: split.sgst,
    igst: split.igst,
    buyer: (isInvoice && document.content.parties?.buyer.details) || null,
    issued_at: isoTime(issuedAt),
    invoice_id: isInvoice ? null : document.content.invoiceId,
  };
}
