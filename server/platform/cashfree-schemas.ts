import { z } from 'zod';

/** Ids of Cashfree's own are numbers in some versions and text in others. */
const cfId = z.union([z.string(), z.number()]).transform(String);
const paise = z.int();

/** What we read of Cashfree's answers; amounts are paise (see `cashfree-wire.ts`). */
export const orderSchema = z.object({
  order_id: z.string(),
  cf_order_id: cfId,
  order_amount: paise,
  order_currency: z.string(),
  order_status: z.string(),
  order_expiry_time: z.string(),
  payment_session_id: z.string(),
  customer_details: z.object({ customer_id: z.string() }),
});

export const paymentSchema = z.object({
  cf_payment_id: cfId,
  order_id: z.string(),
  payment_status: z.string(),
  payment_amount: paise,
  payment_currency: z.string(),
  payment_time: z.string().nullish(),
  payment_group: z.string().nullish(),
});

export const refundSchema = z.object({
  refund_id: z.string(),
  cf_refund_id: cfId,
  cf_payment_id: cfId,
  refund_amount: paise,
  refund_status: z.string(),
});

export const subscriptionSchema = z.object({
  subscription_id: z.string(),
  cf_subscription_id: cfId,
  subscription_status: z.string(),
  subscription_session_id: z.string().nullish(),
});

export const chargeSchema = z.object({
  cf_payment_id: cfId,
  payment_id: z.string(),
  payment_status: z.string(),
  payment_amount: paise,
  failure_details: z.object({ failure_reason: z.string().nullish() }).nullish(),
});

export const disputeSchema = z.object({
  dispute_id: cfId,
  dispute_type: z.string(),
  dispute_status: z.string(),
  dispute_amount: paise,
  reason_description: z.string().nullish(),
  respond_by: z.string().nullish(),
  order_details: z.object({ order_id: z.string(), cf_payment_id: cfId }),
});

export type CashfreeOrder = z.infer<typeof orderSchema>;
export type CashfreePayment = z.infer<typeof paymentSchema>;
export type CashfreeRefund = z.infer<typeof refundSchema>;
export type CashfreeDispute = z.infer<typeof disputeSchema>;
export type CashfreeSubscription = z.infer<typeof subscriptionSchema>;
export type CashfreeCharge = z.infer<typeof chargeSchema>;

type Customer = { customer_id: string; customer_phone: string; customer_email?: string };
/** What we send; `_amount` is paise here too. */
export type NewOrder = {
  order_id: string;
  order_amount: number;
  customer_details: Customer;
  order_meta: { return_url: string; notify_url?: string };
  order_expiry_time: string;
  order_note?: string;
};
export type NewRefund = { refund_id: string; refund_amount: number; refund_note?: string };
export type NewSubscription = {
  subscription_id: string;
  customer_details: Customer;
  plan_details: { plan_id: string; plan_name: string; plan_max_amount: number };
  subscription_meta: { return_url: string };
};
export type NewCharge = { subscription_id: string; payment_id: string; payment_amount: number };
