import { plans } from '@nebula/contract/plans';
import { z } from 'zod';
import { env } from '../../env.ts';
import { createSpool } from '../../platform/spool.ts';
import { accountProcedure, publicProcedure, router } from '../../trpc.ts';
import {
  checkoutInput,
  choosePlanInput,
  invoiceIdInput,
  invoiceListSchema,
  invoiceSchema,
  mandateInput,
  mandateStartInput,
  orderInput,
  planListSchema,
  toPublicBilling,
  toPublicInvoice,
  toPublicPlan,
  toPublicPreview,
} from './schema.ts';
import {
  cancelMandate,
  choosePlan,
  confirmOwnMandate,
  confirmOwnOrder,
  findDocument,
  listDocuments,
  previewPlan,
  printPdf,
  readBilling,
  startCheckout,
  startMandate,
} from './service.ts';

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
    return { order_id: orderId, amount, payment_session_id: paymentSessionId, url };
  }),
  confirmOrder: writeProcedure.input(orderInput).mutation(async ({ ctx, input }) => ({
    status: await confirmOwnOrder(ctx.actor.account, input.order_id),
  })),
  startMandate: writeProcedure.input(mandateStartInput).mutation(async ({ ctx, input }) => {
    const returnUrl = `${env().PUBLIC_URL}/dashboard/billing?mandate_id={subscription_id}`;
    const start = await startMandate(ctx.actor.account, { ...input, returnUrl });
    const { mandateId, sessionId, url } = start;
    return { mandate_id: mandateId, subscription_session_id: sessionId, url };
  }),
  confirmMandate: writeProcedure.input(mandateInput).mutation(async ({ ctx, input }) => ({
    status: await confirmOwnMandate(ctx.actor.account, input.mandate_id),
  })),
  cancelMandate: writeProcedure.mutation(async ({ ctx }) => {
    await cancelMandate(ctx.actor.account);
    return {};
  }),
  listInvoices: accountProcedure
    .meta({
      access: { scope: 'billing:read' },
      openapi: {
        method: 'GET',
        path: '/invoices',
        summary: 'List the invoices',
        description: 'Invoices and credit notes, the newest first. Amounts are paise.',
        tags: ['Billing'],
        output: invoiceListSchema,
      },
    })
    .input(z.strictObject({}))
    .query(async ({ ctx }) => ({
      data: (await listDocuments(ctx.actor.account.id)).map(toPublicInvoice),
    })),
  getInvoice: accountProcedure
    .meta({
      access: { scope: 'billing:read' },
      owns: 'invoice',
      openapi: {
        method: 'GET',
        path: '/invoices/{id}',
        summary: 'Get an invoice',
        tags: ['Billing'],
        output: invoiceSchema,
      },
    })
    .input(invoiceIdInput)
    .query(async ({ ctx, input }) =>
      toPublicInvoice(await findDocument(ctx.actor.account.id, input.id)),
    ),
  invoicePdf: accountProcedure
    .meta({
      access: { scope: 'billing:read' },
      owns: 'invoice',
      openapi: {
        method: 'GET',
        path: '/invoices/{id}/pdf',
        summary: 'Download an invoice',
        description: 'The invoice as PDF, made by html-to-pdf. It costs no call.',
        tags: ['Billing'],
        sends: 'application/pdf',
      },
    })
    .input(invoiceIdInput)
    .query(async ({ ctx, input }) => {
      const { account } = ctx.actor;
      const document = await findDocument(account.id, input.id);
      if (ctx.spool) return printPdf(account, document, { ...ctx, spool: ctx.spool });
      const spool = createSpool(ctx.requestId);
      return printPdf(account, document, { ...ctx, spool }).finally(() => spool.remove());
    }),
});
