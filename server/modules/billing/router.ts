import { buyerSchema } from '@nebula/contract/gst';
import { type PlanId, plans } from '@nebula/contract/plans';
import { env } from '../../env.ts';
import { toPage } from '../../platform/page.ts';
import { createSpool } from '../../platform/spool.ts';
import { accountProcedure, publicProcedure, router } from '../../trpc.ts';
import type { Account } from '../account/service.ts';
import {
  billingDetailsSchema,
  checkoutInput,
  checkoutSchema,
  choosePlanInput,
  disputeListSchema,
  invoiceIdInput,
  invoiceListSchema,
  invoiceSchema,
  listInvoicesInput,
  mandateInput,
  mandateStartInput,
  orderIdInput,
  orderInput,
  orderSchema,
  planListSchema,
  previewSchema,
  subscriptionSchema,
  toPublicBilling,
  toPublicDispute,
  toPublicInvoice,
  toPublicOrder,
  toPublicPlan,
  toPublicPreview,
} from './schema.ts';
import {
  cancelMandate,
  choosePlan,
  confirmOwnMandate,
  confirmOwnOrder,
  findDocument,
  findOwnOrder,
  listDisputes,
  listDocuments,
  nameBuyer,
  previewPlan,
  printPdf,
  readBilling,
  readBuyer,
  startCheckout,
  startMandate,
} from './service.ts';

const tags: [string] = ['Billing'];

/** Scopes that no key is given by default. */
const read = { scope: 'billing:read' };
const write = { scope: 'billing:write' };

/** The dashboard's own. */
const writeProcedure = accountProcedure.meta({ access: write });

const answerPreview = async (account: Account, plan: PlanId) =>
  toPublicPreview(await previewPlan(account, plan));

export const billingRouter = router({
  listPlans: publicProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'GET',
        path: '/plans',
        summary: 'List the plans',
        description: 'Every plan with its price for 30 days and its limits.',
        tags,
        output: planListSchema,
      },
    })
    .query(() => ({ data: Object.values(plans).map(toPublicPlan) })),
  current: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'GET',
        path: '/subscription',
        summary: 'Get the subscription',
        description: 'The plan, its cycle, what comes after it, and what is not paid.',
        tags,
        output: subscriptionSchema,
      },
    })
    .query(async ({ ctx }) => toPublicBilling(await readBilling(ctx.actor.account))),
  /** For the dashboard, which asks for it like for anything else that it reads. */
  preview: accountProcedure
    .meta({ access: read })
    .input(choosePlanInput)
    .query(({ ctx, input }) => answerPreview(ctx.actor.account, input.plan)),
  createPreview: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'POST',
        path: '/subscription/preview',
        summary: 'Preview a change of plan',
        description: 'What it would do and cost, to the paisa; nothing is changed.',
        tags,
        output: previewSchema,
      },
    })
    .input(choosePlanInput)
    .mutation(({ ctx, input }) => answerPreview(ctx.actor.account, input.plan)),
  choosePlan: accountProcedure
    .meta({
      access: write,
      openapi: {
        method: 'PUT',
        path: '/subscription',
        summary: 'Choose a plan for the next cycle',
        description:
          'A plan that costs no more than the present one, which takes a change back. A dearer one is bought by an order.',
        tags,
        output: previewSchema,
      },
    })
    .input(choosePlanInput)
    .mutation(async ({ ctx, input }) =>
      toPublicPreview(await choosePlan(ctx.actor.account, input.plan, ctx)),
    ),
  cancelPlan: accountProcedure
    .meta({
      access: write,
      openapi: {
        method: 'DELETE',
        path: '/subscription',
        summary: 'Cancel at the end of the cycle',
        description: 'Free begins with the next cycle. Nothing is deleted.',
        tags,
        output: previewSchema,
      },
    })
    .mutation(async ({ ctx }) => toPublicPreview(await choosePlan(ctx.actor.account, 'free', ctx))),
  startCheckout: accountProcedure
    .meta({
      access: write,
      openapi: {
        method: 'POST',
        path: '/payments/orders',
        summary: 'Begin to pay',
        description: 'For a dearer plan at once, or for the unpaid invoice. Open `url` to pay.',
        tags,
        output: checkoutSchema,
        status: 201,
      },
    })
    .input(checkoutInput)
    .mutation(async ({ ctx, input }) => {
      const returnUrl = `${env().PUBLIC_URL}/dashboard/billing?order_id={order_id}`;
      const checkout = await startCheckout(ctx.actor.account, { ...input, returnUrl });
      const { amount, orderId, paymentSessionId, url } = checkout;
      return { order_id: orderId, amount, payment_session_id: paymentSessionId, url };
    }),
  getOrder: accountProcedure
    .meta({
      access: read,
      owns: 'order',
      openapi: {
        method: 'GET',
        path: '/payments/orders/{id}',
        summary: 'Get an order',
        description: 'What has become of it; Cashfree is asked.',
        tags,
        output: orderSchema,
      },
    })
    .input(orderIdInput)
    .query(async ({ ctx, input }) =>
      toPublicOrder(await findOwnOrder(ctx.actor.account, input.id)),
    ),
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
  details: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'GET',
        path: '/billing-details',
        summary: 'Read who is billed',
        description: 'What the next invoice says of its buyer, and which GST it carries.',
        tags,
        output: billingDetailsSchema,
      },
    })
    .query(({ ctx }) => readBuyer(ctx.actor.account)),
  setDetails: accountProcedure
    .meta({
      access: write,
      openapi: {
        method: 'PUT',
        path: '/billing-details',
        summary: 'Say who is billed',
        description:
          'From the next invoice on; those that were issued never change. The state is the place of supply: it decides between CGST with SGST, and IGST.',
        tags,
        output: billingDetailsSchema,
      },
    })
    .input(buyerSchema)
    .mutation(({ ctx, input }) => nameBuyer(ctx.actor.account, input)),
  listInvoices: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'GET',
        path: '/invoices',
        summary: 'List the invoices',
        description: 'Invoices and credit notes, the newest first. Amounts are paise.',
        tags,
        output: invoiceListSchema,
      },
    })
    .input(listInvoicesInput)
    .query(async ({ ctx, input }) => {
      const { nextCursor, rows } = await listDocuments(ctx.actor.account.id, input);
      return toPage(rows.map(toPublicInvoice), nextCursor);
    }),
  listDisputes: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'GET',
        path: '/disputes',
        summary: 'List disputed payments',
        description: 'Payments that a bank has questioned, the newest first. Amounts are paise.',
        tags,
        output: disputeListSchema,
      },
    })
    .query(async ({ ctx }) => ({
      data: (await listDisputes(ctx.actor.account)).map(toPublicDispute),
    })),
  getInvoice: accountProcedure
    .meta({
      access: read,
      owns: 'invoice',
      openapi: {
        method: 'GET',
        path: '/invoices/{id}',
        summary: 'Get an invoice',
        tags,
        output: invoiceSchema,
      },
    })
    .input(invoiceIdInput)
    .query(async ({ ctx, input }) =>
      toPublicInvoice(await findDocument(ctx.actor.account.id, input.id)),
    ),
  invoicePdf: accountProcedure
    .meta({
      access: read,
      owns: 'invoice',
      openapi: {
        method: 'GET',
        path: '/invoices/{id}/pdf',
        summary: 'Download an invoice',
        description: 'The invoice as PDF, made by html-to-pdf. It costs no call.',
        tags,
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
