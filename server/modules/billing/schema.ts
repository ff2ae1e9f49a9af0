import type { Plan } from '@nebula/contract/plans';
import { z } from 'zod';

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
