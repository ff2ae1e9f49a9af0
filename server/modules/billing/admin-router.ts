import { AppError } from '@nebula/contract/errors';
import { adminProcedure, router } from '../../trpc.ts';
import { findAccount } from '../account/service.ts';
import {
  openDisputesSchema,
  paymentListSchema,
  paymentsInput,
  refundInput,
  refundSchema,
} from './admin-schema.ts';
import { toPublicDispute } from './schema.ts';
import { listOpenDisputes, listPayments, refundByOperator } from './service.ts';

const access = 'admin';
const tags: [string] = ['Admin'];

/** Payments of every account, for those who may give them back. */
export const adminBillingRouter = router({
  payments: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/admin/payments',
        summary: 'List the payments of an account',
        description: 'With what may still be given back of each; amounts are paise.',
        tags,
        output: paymentListSchema,
      },
    })
    .input(paymentsInput)
    .query(async ({ input }) => {
      const payments = await listPayments(await accountOf(input.account_id));
      return {
        data: payments.map(({ dispute, invoiceId, ...rest }) => ({
          ...rest,
          dispute: dispute ? toPublicDispute(dispute) : null,
          invoice_id: invoiceId ?? null,
        })),
      };
    }),

  disputes: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/admin/disputes',
        summary: 'List open disputes',
        description: 'Of every account, the oldest first. They are answered at Cashfree.',
        tags,
        output: openDisputesSchema,
      },
    })
    .query(async () => {
      const disputes = await listOpenDisputes();
      return {
        data: disputes.map(({ account, ...dispute }) => ({
          ...toPublicDispute(dispute),
          account_id: account.id,
          account_email: account.email,
        })),
      };
    }),

  refund: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/admin/refunds',
        summary: 'Give money of a payment back',
        description:
          'At most what is left of it, with a credit note. The same `reference` gives it back once, however often it is sent.',
        tags,
        output: refundSchema,
        status: 201,
      },
    })
    .input(refundInput)
    .mutation(async ({ ctx, input }) => {
      const { account_id, amount, payment_id: paymentId, reference } = input;
      const account = await accountOf(account_id);
      const refund = await refundByOperator(ctx, account, { paymentId, amount, reference });
      const credit_note_id = refund.status === 'done' ? refund.id : null;
      return {
        ...refund,
        object: 'refund' as const,
        payment_id: paymentId,
        amount,
        credit_note_id,
      };
    }),
});

async function accountOf(id: string) {
  const account = await findAccount(id);
  if (account) return account;
  throw new AppError('not_found', 'There is no such account.', { param: 'account_id' });
}
