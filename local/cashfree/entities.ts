import type { Customer, Dispute, Order, Payment, Plan, Refund, Subscription } from './store.ts';
import { indiaTime, Rupees } from './wire.ts';

/** What the API answers for each kind of thing. */
export function orderEntity(order: Order) {
  return {
    cf_order_id: order.cf_order_id,
    created_at: indiaTime(order.created_at),
    customer_details: order.customer,
    entity: 'order',
    order_amount: new Rupees(order.amount),
    order_currency: order.currency,
    order_expiry_time: indiaTime(order.expires_at),
    order_id: order.order_id,
    order_meta: {
      return_url: order.return_url,
      notify_url: order.notify_url,
      payment_methods: null,
    },
    order_note: order.note,
    order_splits: [],
    order_status: order.status,
    order_tags: order.tags,
    payment_session_id: order.payment_session_id,
  };
}

export function paymentEntity(payment: Payment, order: Order) {
  return {
    cf_payment_id: payment.cf_payment_id,
    entity: 'payment',
    is_captured: payment.status === 'SUCCESS',
    order_amount: new Rupees(order.amount),
    order_currency: order.currency,
    order_id: order.order_id,
    payment_amount: new Rupees(payment.amount),
    payment_completion_time: payment.status === 'PENDING' ? null : indiaTime(payment.created_at),
    payment_currency: order.currency,
    payment_message: payment.message,
    payment_status: payment.status,
    payment_time: indiaTime(payment.created_at),
    ...paymentMethod(payment),
  };
}

export function paymentMethod({ method }: Payment) {
  const details =
    method === 'upi'
      ? { upi: { channel: 'collect', upi_id: 'someone@upi' } }
      : { card: { channel: 'link', card_number: 'XXXXXXXXXXXX1111', card_network: 'visa' } };
  return { payment_method: details, payment_group: method === 'upi' ? 'upi' : 'credit_card' };
}

export function refundEntity(refund: Refund) {
  return {
    cf_payment_id: refund.cf_payment_id,
    cf_refund_id: refund.cf_refund_id,
    created_at: indiaTime(refund.created_at),
    entity: 'refund',
    ...(refund.order_id ? { order_id: refund.order_id } : {}),
    ...(refund.subscription_id ? { subscription_id: refund.subscription_id } : {}),
    processed_at: refund.processed_at === null ? null : indiaTime(refund.processed_at),
    refund_amount: new Rupees(refund.amount),
    refund_arn: refund.status === 'SUCCESS' ? refund.cf_refund_id : null,
    refund_charge: 0,
    refund_currency: 'INR',
    refund_id: refund.refund_id,
    refund_note: refund.note,
    refund_speed: { requested: 'STANDARD', accepted: 'STANDARD', processed: 'STANDARD' },
    refund_status: refund.status,
    refund_type: 'MERCHANT_INITIATED',
    status_description: refund.status === 'PENDING' ? 'In Progress' : 'Refund is final',
  };
}

/** For a charge of a mandate the order is one of Cashfree's own, which the merchant never saw. */
export function disputeEntity(dispute: Dispute, payment: Payment, customer?: Customer) {
  return {
    dispute_id: dispute.dispute_id,
    dispute_type: dispute.type,
    reason_code: '4855',
    reason_description: 'Goods or Services Not Provided',
    dispute_amount: new Rupees(dispute.amount),
    dispute_amount_currency: 'INR',
    created_at: indiaTime(dispute.created_at),
    updated_at: indiaTime(dispute.updated_at),
    respond_by: indiaTime(dispute.respond_by),
    resolved_at: dispute.resolved_at === null ? null : indiaTime(dispute.resolved_at),
    dispute_status: `${dispute.type}_${dispute.status}`,
    cf_dispute_remarks: null,
    dispute_action_on: dispute.resolved_at === null ? 'MERCHANT' : 'CASHFREE',
    order_details: {
      order_id: payment.order_id ?? `cf_${payment.cf_payment_id}`,
      order_amount: new Rupees(payment.amount),
      order_currency: 'INR',
      cf_payment_id: payment.cf_payment_id,
      payment_amount: new Rupees(payment.amount),
      payment_currency: 'INR',
    },
    customer_details: {
      customer_name: customer?.customer_name ?? null,
      customer_phone: customer?.customer_phone ?? null,
      customer_email: customer?.customer_email ?? null,
    },
  };
}

export function planDetails(plan: Plan) {
  return {
    plan_currency: plan.currency,
    plan_id: plan.plan_id,
    plan_max_amount: new Rupees(plan.max_amount),
    plan_name: plan.plan_name,
    plan_note: plan.note,
    plan_recurring_amount:
      plan.recurring_amount === null ? null : new Rupees(plan.recurring_amount),
    plan_status: 'ACTIVE',
    plan_type: plan.plan_type,
  };
}

export function subscriptionEntity(subscription: Subscription) {
  return {
    authorisation_details: {
      authorization_amount: new Rupees(subscription.auth_amount),
      authorization_amount_refund: true,
      authorization_status: subscription.status === 'INITIALIZED' ? 'INITIALIZED' : 'SUCCESS',
    },
    cf_subscription_id: subscription.cf_subscription_id,
    customer_details: subscription.customer,
    next_schedule_date: null,
    plan_details: planDetails(subscription.plan),
    subscription_expiry_time: indiaTime(subscription.expires_at),
    subscription_id: subscription.subscription_id,
    subscription_meta: { return_url: subscription.return_url },
    subscription_session_id: subscription.subscription_session_id,
    subscription_status: subscription.status,
  };
}

export function chargeEntity(payment: Payment) {
  return {
    cf_payment_id: payment.cf_payment_id,
    failure_details: { failure_reason: payment.status === 'FAILED' ? payment.message : null },
    payment_amount: new Rupees(payment.amount),
    payment_id: payment.payment_id ?? payment.cf_payment_id,
    payment_initiated_date: indiaTime(payment.created_at),
    payment_status: payment.status,
    payment_type: payment.type,
    subscription_id: payment.subscription_id,
  };
}
