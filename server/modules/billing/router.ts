import { plans } from '@nebula/contract/plans';
import { env } from '../../env.ts';
import { accountProcedure, publicProcedure, router } from '../../trpc.ts';
import {
  checkoutInput,
  choosePlanInput,
  orderInput,
  planListSchema,
  toPublicBilling,
  toPublicPlan,
  toPublicPreview,
} from './schema.ts';
import { choosePlan, confirmOwnOrder, previewPlan, readBilling, startCheckout } from './service.ts';

/** The dashboard's own; a key needs a scope that none is given by default. */
const readProcedure = accountProcedure.meta({ access: { scope: 'billing:read' } });
const writeProcedure = accountProcedure.meta({ access: { scope: 'billing:write' } });

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
  current: readProcedure.query(async ({ ctx }) =>
    toPublicBilling(await readBilling(ctx.actor.account)),
  ),
  preview: readProcedure
    .input(choosePlanInput)
    .query(async ({ ctx, input }) =>
      toPublicPreview(await previewPlan(ctx.actor.account, input.plan)),
    ),
  choosePlan: writeProcedure
    .input(choosePlanInput)
    .mutation(async ({ ctx, input }) =>
      toPublicPreview(await choosePlan(ctx.actor.account, input.plan)),
    ),
  startCheckout: writeProcedure.input(checkoutInput).mutation(async ({ ctx, input }) => {
    const returnUrl = `${env().PUBLIC_URL}/dashboard/billing?order_id={order_id}`;
    const checkout = await startCheckout(ctx.actor.account, { ...input, returnUrl });
    const { amount, orderId, paymentSessionId, url } = checkout;
    return { order_id: orderId, amount, payment_session_id: paymentSessionId, url: url ?? null };
  }),
  confirmOrder: writeProcedure.input(orderInput).mutation(async ({ ctx, input }) => ({
    status: await confirmOwnOrder(ctx.actor.account, input.order_id),
  })),
});
