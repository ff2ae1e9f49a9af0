import { z } from 'zod';
import { disputeSchema } from './schema.ts';

const accountId = z.string().max(40).describe('Id of the account that has paid.');

export const paymentsInput = z.strictObject({ account_id: accountId });

export const paymentListSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      invoice_id: z.string().nullable().describe('Null for money that paid for nothing.'),
      amount: z.int(),
      refunded: z.int(),
      refundable: z.int().describe('What may still be given back.'),
      dispute: disputeSchema.nullable().describe('The latest, where its bank has questioned it.'),
    }),
  ),
});

export const openDisputesSchema = z.object({
  data: z.array(disputeSchema.extend({ account_id: z.string(), account_email: z.string() })),
});

export const refundInput = z.strictObject({
  account_id: accountId,
  payment_id: z.string().max(100).describe('Id of the payment.'),
  amount: z.int().min(100).describe('Paise; Cashfree gives back no less than a rupee.'),
  reference: z.string().min(1).max(80).describe('Your own word for it: one refund for each.'),
});

export const refundSchema = z.object({
  id: z.string(),
  object: z.literal('refund'),
  payment_id: z.string(),
  amount: z.int(),
  status: z.enum(['pending', 'done', 'failed']),
  credit_note_id: z.string().nullable().describe('Null until the money has gone.'),
});
