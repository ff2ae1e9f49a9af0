import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error.ts';
import { getDispute, listDisputes } from './disputes.ts';
import { chargeEntity, orderEntity, planDetails, subscriptionEntity } from './entities.ts';
import type { Fields } from './fields.ts';
import {
  createOrder,
  findOrder,
  getPayment,
  listPayments,
  listRefunds,
  terminateOrder,
  type World,
} from './orders.ts';
import { getRefund, refundCharge, refundOrder } from './refunds.ts';
import {
  chargesOf,
  createPlan,
  createSubscription,
  findPlan,
  findSubscription,
  getCharge,
  manageSubscription,
  raiseCharge,
} from './subscriptions.ts';
import { encode } from './wire.ts';

export type Credentials = { clientId: string; clientSecret: string };
export type Answer = { status: number; body: string; isReplay?: boolean };

type Handler = (world: World, ids: string[], body: Fields) => unknown;

const routes: [string, Handler][] = [
  ['POST /orders', (world, _ids, body) => createOrder(world, body)],
  ['GET /orders/:', (world, [id = '']) => orderEntity(findOrder(world, id))],
  ['PATCH /orders/:', (world, [id = ''], body) => terminateOrder(world, id, body)],
  ['GET /orders/:/payments', (world, [id = '']) => listPayments(world, id)],
  ['GET /orders/:/payments/:', (world, [id = '', payment = '']) => getPayment(world, id, payment)],
  ['POST /orders/:/refunds', (world, [id = ''], body) => refundOrder(world, id, body)],
  ['GET /orders/:/refunds', (world, [id = '']) => listRefunds(world, id)],
  [
    'GET /orders/:/refunds/:',
    (world, [order_id, refund = '']) => getRefund(world, { order_id }, refund),
  ],
  ['GET /disputes/:', (world, [id = '']) => getDispute(world, id)],
  [
    'GET /orders/:/disputes',
    (world, [id = '']) => listDisputes(world, ({ order_id }) => order_id === id),
  ],
  [
    'GET /payments/:/disputes',
    (world, [id = '']) => listDisputes(world, ({ cf_payment_id }) => cf_payment_id === id),
  ],
  ['POST /plans', (world, _ids, body) => createPlan(world, body)],
  ['GET /plans/:', (world, [id = '']) => planDetails(findPlan(world, id))],
  ['POST /subscriptions', (world, _ids, body) => createSubscription(world, body)],
  ['POST /subscriptions/pay', (world, _ids, body) => raiseCharge(world, body)],
  ['GET /subscriptions/:', (world, [id = '']) => subscriptionEntity(findSubscription(world, id))],
  ['POST /subscriptions/:/manage', (world, [id = ''], body) => manageSubscription(world, id, body)],
  [
    'GET /subscriptions/:/payments',
    (world, [id = '']) => chargesOf(world, findSubscription(world, id)).map(chargeEntity),
  ],
  [
    'GET /subscriptions/:/payments/:',
    (world, [id = '', payment = '']) => getCharge(world, findSubscription(world, id), payment),
  ],
  ['POST /subscriptions/:/refunds', (world, [id = ''], body) => refundCharge(world, id, body)],
  [
    'GET /subscriptions/:/refunds/:',
    (world, [subscription_id, refund = '']) => getRefund(world, { subscription_id }, refund),
  ],
];

/** One call to `/pg/…`: who asks, whether it was asked before, and the work. */
export function callApi(
  world: World,
  credentials: Credentials,
  request: { call: string; headers: IncomingHttpHeaders; raw: string },
): Answer {
  const { call, headers, raw } = request;
  checkHeaders(headers, credentials);
  const { state } = world.store;
  const fails = state.rules.fail_calls > 0;
  if (fails) state.rules.fail_calls -= 1;
  const failure = new ApiError(state.rules.fail_status, 'request_failed', 'api error', 'api_error');
  if (fails && !state.rules.fail_after) throw failure;
  const answer = answerOnce(world, headers['x-idempotency-key'], call, raw);
  if (fails) throw failure;
  return answer;
}

function checkHeaders(headers: IncomingHttpHeaders, credentials: Credentials): void {
  const isKnown =
    isSame(headers['x-client-id'], credentials.clientId) &&
    isSame(headers['x-client-secret'], credentials.clientSecret);
  if (!isKnown) {
    const message = 'authentication Failed';
    throw new ApiError(401, 'request_failed', message, 'authentication_error');
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(String(headers['x-api-version'] ?? ''))) {
    const message = 'x-api-version : is missing in the request or is not a version';
    throw new ApiError(400, 'x-api-version_missing', message);
  }
}

function isSame(given: string | string[] | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(expected));
}

/** The same key and request get the same answer; the same key for something else is an error. */
function answerOnce(world: World, key: unknown, call: string, raw: string): Answer {
  const { idempotency } = world.store.state;
  const isKeyed = typeof key === 'string' && key !== '' && !call.startsWith('GET ');
  const request = createHash('sha256').update(`${call}\n${raw}`).digest('hex');
  const known = isKeyed && Object.hasOwn(idempotency, key) ? idempotency[key] : undefined;
  if (known && known.request !== request) {
    const message = 'this idempotency key was used for another request';
    throw new ApiError(422, 'idempotency_key_invalid', message, 'idempotency_error');
  }
  if (known) return { status: known.status, body: known.body, isReplay: true };
  const answer = { status: 200, body: encode(route(world, call, parseBody(raw))) };
  if (isKeyed) idempotency[key] = { request, ...answer };
  return answer;
}

function route(world: World, call: string, body: Fields): unknown {
  for (const [pattern, handler] of routes) {
    const match = new RegExp(`^${pattern.replaceAll(':', '([^/]+)')}$`).exec(call);
    if (match) return handler(world, match.slice(1).map(decodeURIComponent), body);
  }
  throw new ApiError(404, 'url_not_found', 'the requested url does not exist');
}

export function parseBody(raw: string): Fields {
  if (raw === '') return {};
  try {
    const body: unknown = JSON.parse(raw);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields;
  } catch {
    // Falls through to the same error as JSON of the wrong kind.
  }
  throw new ApiError(400, 'request_invalid', 'the body is not a JSON object');
}
