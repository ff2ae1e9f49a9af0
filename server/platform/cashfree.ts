import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@nebula/contract/errors';
import { Agent, request } from 'undici';
import { z } from 'zod';
import {
  chargeSchema,
  disputeSchema,
  type NewCharge,
  type NewOrder,
  type NewRefund,
  type NewSubscription,
  orderSchema,
  paymentSchema,
  refundSchema,
  subscriptionSchema,
} from './cashfree-schemas.ts';
import { decodeBody, encodeBody } from './cashfree-wire.ts';

export type CashfreeConfig = {
  /** Up to and with `/pg`. */
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  apiVersion: string;
  timeoutMs?: number;
};

/** A refusal by Cashfree, as the cause of an AppError: its status and its own code. */
export class CashfreeError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(`Cashfree answered ${status} ${code}: ${message}`);
    this.name = 'CashfreeError';
    this.status = status;
    this.code = code;
  }
}

const attempts = 3;
const retryMs = 200;
const agent = new Agent({ connections: 16 });
const errorSchema = z.object({ message: z.string(), code: z.string() });

export type Cashfree = ReturnType<typeof createCashfree>;

/**
 * A client for the parts of Cashfree PG that billing needs. Amounts are integer paise. Each write
 * carries an idempotency key made from its id, so that trying again after a lost answer is safe.
 */
export function createCashfree(config: CashfreeConfig) {
  const get = <T>(path: string[], schema: z.ZodType<T>) => call(config, { path, schema });
  const post = <T>(path: string[], schema: z.ZodType<T>, body: object, key: string) =>
    call(config, { path, schema, body, key });
  return {
    createOrder: (order: NewOrder) => {
      const body = { order_currency: 'INR', ...order };
      return post(['orders'], orderSchema, body, `order-${order.order_id}`);
    },
    getOrder: (id: string) => get(['orders', id], orderSchema),
    listPayments: (orderId: string) => get(['orders', orderId, 'payments'], z.array(paymentSchema)),
    refundOrder: (orderId: string, refund: NewRefund) =>
      post(['orders', orderId, 'refunds'], refundSchema, refund, `refund-${refund.refund_id}`),
    getRefund: (orderId: string, id: string) =>
      get(['orders', orderId, 'refunds', id], refundSchema),
    getDispute: (id: string) => get(['disputes', id], disputeSchema),
    createSubscription: ({ plan_details, ...subscription }: NewSubscription) => {
      const plan = { plan_type: 'ON_DEMAND', plan_currency: 'INR', ...plan_details };
      const key = `mandate-${subscription.subscription_id}`;
      return post(
        ['subscriptions'],
        subscriptionSchema,
        { ...subscription, plan_details: plan },
        key,
      );
    },
    getSubscription: (id: string) => get(['subscriptions', id], subscriptionSchema),
    cancelSubscription: (id: string) => {
      const body = { subscription_id: id, action: 'CANCEL' };
      return post(['subscriptions', id, 'manage'], subscriptionSchema, body, `cancel-${id}`);
    },
    charge: (charge: NewCharge) => {
      const body = { payment_type: 'CHARGE', ...charge };
      return post(['subscriptions', 'pay'], chargeSchema, body, `charge-${charge.payment_id}`);
    },
    getCharge: (id: string, paymentId: string) =>
      get(['subscriptions', id, 'payments', paymentId], chargeSchema),
    getChargeRefund: (id: string, refundId: string) =>
      get(['subscriptions', id, 'refunds', refundId], refundSchema),
    refundCharge: (id: string, refund: NewRefund & { payment_id: string }) =>
      post(['subscriptions', id, 'refunds'], refundSchema, refund, `refund-${refund.refund_id}`),
  };
}

type Call<T> = { path: string[]; schema: z.ZodType<T>; body?: object; key?: string };

/** Tries what may succeed later again: no answer, 429, and faults on their side. */
async function call<T>(config: CashfreeConfig, { schema, ...one }: Call<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(config, one).catch((cause: Error) => cause);
    if (typeof answer === 'string') return schema.parse(decodeBody(answer));
    const status = answer instanceof CashfreeError ? answer.status : 503;
    const isPassing = status === 429 || status >= 500;
    if (!isPassing || attempt === attempts) throw translate(answer, status, isPassing);
    await delay(retryMs * 2 ** attempt * (0.5 + Math.random() / 2));
  }
}

async function send(
  config: CashfreeConfig,
  { body, key, path }: Omit<Call<never>, 'schema'>,
): Promise<string> {
  const response = await request([config.baseUrl, ...path.map(encodeURIComponent)].join('/'), {
    method: body ? 'POST' : 'GET',
    dispatcher: agent,
    signal: AbortSignal.timeout(config.timeoutMs ?? 10_000),
    headers: {
      'x-client-id': config.clientId,
      'x-client-secret': config.clientSecret,
      'x-api-version': config.apiVersion,
      'content-type': 'application/json',
      ...(key ? { 'x-idempotency-key': key } : {}),
    },
    ...(body ? { body: encodeBody(body) } : {}),
  });
  const text = await response.body.text();
  if (response.statusCode === 200) return text;
  const problem = readProblem(text);
  throw new CashfreeError(response.statusCode, problem.code, problem.message);
}

function readProblem(text: string): z.infer<typeof errorSchema> {
  try {
    return errorSchema.parse(JSON.parse(text));
  } catch {
    return { code: 'unreadable', message: text.slice(0, 200) };
  }
}

function translate(cause: unknown, status: number, isPassing: boolean): AppError {
  if (isPassing) {
    const message = 'The payment provider does not answer. Nothing was charged twice. Try again.';
    return new AppError('unavailable', message, { retryAfterSeconds: 10, cause });
  }
  if (status === 404) {
    return new AppError('not_found', 'The payment provider does not know this payment.', { cause });
  }
  const message = 'The payment provider refused the request. Quote the request id to support.';
  return new AppError(status === 409 ? 'conflict' : 'internal', message, { cause });
}
