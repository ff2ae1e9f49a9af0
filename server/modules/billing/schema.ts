import type { Plan } from '@nebula/contract/plans';
import { planIds } from '@nebula/contract/plans';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import type { Preview } from './clock/preview.ts';
import type { BillingState } from './clock/state.ts';

export const planSchema = z.object({
  id: z.string(),
  name: z.string(),
  price: z.int().describe('Price of 30 days in the smallest unit of the currency.'),
  currency: z.literal('INR'),
  max_input_bytes: z.int(),
  calls_per_cycle: z.int(),
  requests_per_minute: z.int(),
  concurrent_jobs: z.int(),
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
    retention_seconds: plan.retentionSeconds,
  };
}

export const choosePlanInput = z.strictObject({ plan: z.enum(planIds) });

export const checkoutInput = z.strictObject({
  plan: z.enum(planIds).optional().describe('A dearer plan; left out, the unpaid invoice is paid.'),
  phone: z.string().regex(/^\+?\d{10,15}$/, 'Expected a phone number of 10 to 15 digits.'),
});

export const orderInput = z.strictObject({ order_id: z.string().max(45) });

/** Where an account stands. */
export function toPublicBilling({ cycle, dunning, invoices, pendingPlan }: BillingState) {
  const unpaid = dunning && invoices[dunning.invoiceId];
  return {
    plan: cycle.plan,
    cycle_start: isoTime(cycle.start),
    cycle_end: isoTime(cycle.end),
    next_plan: pendingPlan ?? cycle.plan,
    unpaid_invoice: unpaid ? { id: unpaid.id, amount: unpaid.total - unpaid.credited } : null,
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
