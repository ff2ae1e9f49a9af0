import { createHmac, randomUUID } from 'node:crypto';
import { type disputeEntity, paymentMethod, planDetails, refundEntity } from './entities.ts';
import type { Order, Payment, Refund, Store, Subscription, Webhook } from './store.ts';
import { encode, indiaTime, Rupees } from './wire.ts';

export type WebhookOptions = { secret: string; version: string; defaultUrl: string | undefined };

export type Webhooks = {
  send: (type: string, data: unknown, url: string | null) => void;
  /** Sends what is due; waits for the answers. */
  deliverDue: (options?: { isForced?: boolean; isReversed?: boolean }) => Promise<void>;
  resend: (id: string) => Promise<boolean>;
  close: () => Promise<void>;
};

/** Minutes after which a webhook that was not answered with 2xx comes again. */
const retryMinutes = [2, 10, 30];
const answerMs = 10_000;

/** The queue of webhooks: signed, at least once, retried by the clock of the store. */
export function createWebhooks(store: Store, options: WebhookOptions): Webhooks {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const busy = new Set<string>();

  const attempt = async (webhook: Webhook): Promise<void> => {
    busy.add(webhook.id);
    const status = await post(webhook, store.now(), options);
    busy.delete(webhook.id);
    webhook.attempts.push({ at: store.now(), status });
    const isDone = status !== null && status >= 200 && status < 300;
    const wanted = isDone ? store.state.rules.duplicates : retryMinutes.length;
    const hasMore = webhook.attempts.length <= wanted;
    const wait = isDone ? 0 : (retryMinutes[webhook.attempts.length - 1] ?? 0) * 60_000;
    webhook.due_at = hasMore ? store.now() + wait : null;
    store.save();
  };

  const deliver: Webhooks['deliverDue'] = async ({ isForced, isReversed } = {}) => {
    for (;;) {
      if (isClosed || (store.state.rules.hold_webhooks && !isForced)) return;
      const isDue = ({ attempts, due_at, id }: Webhook) =>
        due_at !== null &&
        !busy.has(id) &&
        (due_at <= store.now() || (isForced === true && attempts.length === 0));
      const due = store.state.webhooks.filter(isDue);
      if (due.length === 0) break;
      if (isReversed) due.reverse();
      for (const webhook of due) if (!isClosed) await attempt(webhook);
    }
    schedule();
  };

  // One delivery run at a time, or two would send the same webhook.
  let last: Promise<void> = Promise.resolve();
  const deliverDue: Webhooks['deliverDue'] = (how) => {
    last = last.then(() => deliver(how));
    return last;
  };

  const schedule = (): void => {
    clearTimeout(timer);
    if (isClosed || store.state.rules.hold_webhooks) return;
    const times = store.state.webhooks.flatMap(({ due_at, id }) =>
      due_at === null || busy.has(id) ? [] : [due_at],
    );
    if (times.length === 0) return;
    const wait = Math.max(0, Math.min(...times) - store.now());
    timer = setTimeout(() => void deliverDue(), Math.min(wait, 60_000));
  };
  schedule();

  return {
    send: (type, data, url) => {
      const target = url ?? options.defaultUrl;
      if (!target) return;
      const now = store.now();
      const body = encode({ data, event_time: indiaTime(now), type });
      const due_at = now + store.state.rules.delay_ms;
      store.state.webhooks.push({
        id: randomUUID(),
        type,
        url: target,
        body,
        attempts: [],
        due_at,
      });
      store.save();
      schedule();
    },
    deliverDue,
    resend: async (id) => {
      const webhook = store.state.webhooks.find((one) => one.id === id);
      if (!webhook) return false;
      await attempt(webhook);
      return true;
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await last;
    },
  };
}

/** base64(HMAC-SHA256(timestamp + body)), with nothing between the two. */
export function sign(timestamp: string, body: string, secret: string): string {
  return createHmac('sha256', secret).update(timestamp).update(body).digest('base64');
}

async function post(webhook: Webhook, now: number, options: WebhookOptions) {
  const timestamp = String(now);
  try {
    const response = await fetch(webhook.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(answerMs),
      headers: {
        'content-type': 'application/json',
        'x-webhook-signature': sign(timestamp, webhook.body, options.secret),
        'x-webhook-timestamp': timestamp,
        'x-webhook-version': options.version,
        'x-webhook-attempt': String(webhook.attempts.length + 1),
        'x-idempotency-key': sign('', webhook.id, options.secret),
      },
      body: webhook.body,
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return null;
  }
}

const paymentEvents = {
  SUCCESS: 'PAYMENT_SUCCESS_WEBHOOK',
  FAILED: 'PAYMENT_FAILED_WEBHOOK',
  USER_DROPPED: 'PAYMENT_USER_DROPPED_WEBHOOK',
} as const;

/** Announces the end of a payment; one that is pending is not announced. */
export function announcePayment(webhooks: Webhooks, order: Order, payment: Payment): void {
  if (payment.status === 'PENDING') return;
  const data = {
    order: {
      order_id: order.order_id,
      order_amount: new Rupees(order.amount),
      order_currency: order.currency,
      order_tags: order.tags,
    },
    payment: {
      cf_payment_id: payment.cf_payment_id,
      payment_status: payment.status,
      payment_amount: new Rupees(payment.amount),
      payment_currency: order.currency,
      payment_message: payment.message,
      payment_time: indiaTime(payment.created_at),
      bank_reference: payment.cf_payment_id,
      auth_id: null,
      ...paymentMethod(payment),
    },
    customer_details: order.customer,
    ...(payment.status === 'FAILED' ? { error_details: failureOf(payment) } : {}),
    payment_gateway_details: {
      gateway_name: 'CASHFREE',
      gateway_order_id: order.cf_order_id,
      gateway_payment_id: payment.cf_payment_id,
      gateway_status_code: null,
      gateway_settlement: 'CASHFREE',
    },
    payment_offers: null,
  };
  webhooks.send(paymentEvents[payment.status], data, order.notify_url);
}

function failureOf(payment: Payment) {
  return {
    error_code: 'TRANSACTION_DECLINED',
    error_description: payment.message,
    error_reason: 'transaction_declined',
    error_source: 'customer',
  };
}

export function announceRefund(webhooks: Webhooks, refund: Refund, order?: Order): void {
  const type = order ? 'REFUND_STATUS_WEBHOOK' : 'SUBSCRIPTION_REFUND_STATUS';
  webhooks.send(type, { refund: refundEntity(refund) }, order?.notify_url ?? null);
}

/** Announces a step of a dispute, as Cashfree does: the parts of the entity beside each other. */
export function announceDispute(
  webhooks: Webhooks,
  type: 'DISPUTE_CREATED' | 'DISPUTE_UPDATED' | 'DISPUTE_CLOSED',
  { customer_details, order_details, ...dispute }: ReturnType<typeof disputeEntity>,
): void {
  webhooks.send(type, { dispute, order_details, customer_details }, null);
}

/** Announces the status of a mandate, or the end of its authorisation or of a charge. */
export function announceSubscription(
  webhooks: Webhooks,
  type:
    | 'SUBSCRIPTION_STATUS_CHANGED'
    | 'SUBSCRIPTION_AUTH_STATUS'
    | 'SUBSCRIPTION_PAYMENT_SUCCESS'
    | 'SUBSCRIPTION_PAYMENT_FAILED',
  subscription: Subscription,
  payment?: Payment,
): void {
  const { customer } = subscription;
  const base = {
    customer_details: {
      customer_name: customer.customer_name,
      customer_email: customer.customer_email,
      customer_phone: customer.customer_phone,
    },
  };
  const ids = {
    subscription_id: subscription.subscription_id,
    cf_subscription_id: subscription.cf_subscription_id,
  };
  if (!payment) {
    const details = { ...ids, subscription_status: subscription.status };
    const data = { subscription_details: details, plan_details: planDetails(subscription.plan) };
    webhooks.send(type, { ...data, ...base }, null);
    return;
  }
  const data = {
    ...ids,
    payment_id: payment.payment_id ?? payment.cf_payment_id,
    cf_payment_id: payment.cf_payment_id,
    payment_type: payment.type,
    payment_status: payment.status,
    payment_amount: new Rupees(payment.amount),
    payment_currency: 'INR',
    payment_initiated_date: indiaTime(payment.created_at),
    failure_details: { failure_reason: payment.status === 'FAILED' ? payment.message : null },
    ...paymentMethod(payment),
  };
  webhooks.send(type, { ...data, ...base }, null);
}
