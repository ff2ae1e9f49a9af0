import { plans } from '@nebula/contract/plans';
import { publicProcedure, router } from '../../trpc.ts';
import { planListSchema, toPublicPlan } from './schema.ts';

export const billingRouter = router({
  listPlans: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'GET',
        path: '/plans',
        summary: 'List the plans',
        description: 'Every plan with its price for 30 days and its limits.',
        tags: ['Billing'],
        output: planListSchema,
      },
    })
    .query(() => ({ data: Object.values(plans).map(toPublicPlan) })),
});
