import type { Plan } from '@nebula/contract/plans';
import { planIds } from '@nebula/contract/plans';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
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

export const orderInput = z.strictObject({ order_id: z.string().max(45) });

export const mandateStartInput = z.strictObject({ phone });

export const mandateInput = z.strictObject({ mandate_id: z.string().max(45) });

/** Where an account stands. */
export function toPublicBilling(state: BillingState) {
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

/** What a change would do; amounts are paise. */
export function toPublicPreview(preview: Preview) {
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
  issued_at: z.iso.datetime(),
  invoice_id: z.string().nullable().describe('The invoice that a credit note belongs to.'),
});

export const invoiceListSchema = z.object({ data: z.array(invoiceSchema) });

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
    issued_at: isoTime(issuedAt),
    invoice_id: isInvoice ? null : document.content.invoiceId,
  };
}
