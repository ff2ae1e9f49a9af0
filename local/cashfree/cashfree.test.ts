import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCashfree } from './server.ts';
import { sign } from './webhooks.ts';

const secret = 'local-secret';
let dir: string;
let cashfree: Awaited<ReturnType<typeof startCashfree>>;
let shop: Server;
let received: { headers: IncomingHttpHeaders; raw: string; type: string; data: Body }[];
let shopAnswers: number[];

type Body = Record<string, unknown> & { order?: Body; payment?: Body; refund?: Body };

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nebula-cashfree-'));
  received = [];
  shopAnswers = [];
  shop = createServer(async (request, response) => {
    let raw = '';
    for await (const chunk of request) raw += chunk;
    received.push({ headers: request.headers, raw, ...JSON.parse(raw) });
    response.writeHead(shopAnswers.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  await start();
});

afterEach(async () => {
  await cashfree.close();
  shop.closeAllConnections();
  await new Promise((resolve) => shop.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

async function start() {
  const webhookUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/hook`;
  const options = { port: 0, dir, clientId: 'local', clientSecret: secret, webhookUrl };
  cashfree = await startCashfree(options);
}

const url = (path: string) => `http://127.0.0.1:${cashfree.port}${path}`;

async function api(call: string, body?: object, headers: Record<string, string> = {}) {
  const [method, path] = call.split(' ');
  const response = await fetch(url(`/pg${path}`), {
    method,
    headers: {
      'x-client-id': 'local',
      'x-client-secret': secret,
      'x-api-version': '2025-01-01',
      'content-type': 'application/json',
      ...headers,
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text), headers: response.headers };
}

async function control(path: string, body: object = {}) {
  const response = await fetch(url(`/_control${path}`), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return response.json() as Promise<Body>;
}

const order = (fields: object = {}) => ({
  order_id: 'order-1',
  order_amount: 1499,
  order_currency: 'INR',
  customer_details: { customer_id: 'acc', customer_phone: '9999999999' },
  order_meta: { return_url: 'http://shop.test/back?order={order_id}' },
  ...fields,
});

/** Webhooks leave by themselves; a flush waits until those that wait have arrived. */
const flush = (how: object = {}) => control('/webhooks/flush', how);

function click(session: string, outcome: string) {
  const body = new URLSearchParams({ outcome });
  return fetch(url(`/checkout/${session}`), { method: 'POST', body, redirect: 'manual' });
}

describe('the API', () => {
  it('refuses wrong credentials and a missing version', async () => {
    const wrong = await api('GET /orders/x', undefined, { 'x-client-secret': 'no' });
    expect(wrong.status).toBe(401);
    expect(wrong.body.type).toBe('authentication_error');
    expect((await api('GET /orders/x', undefined, { 'x-api-version': '' })).status).toBe(400);
  });

  it('creates an order whose amount has two decimals, and gives it back', async () => {
    const made = await api('POST /orders', order());
    expect(made.body).toMatchObject({ order_status: 'ACTIVE', order_amount: 1499 });
    expect(made.text).toContain('"order_amount":1499.00');
    expect((await api('GET /orders/order-1')).body).toEqual(made.body);
  });

  it('names the field that is wrong', async () => {
    const wrong = [
      [{ order_amount: -1 }, 'order_amount_invalid'],
      [{ order_amount: 1.005 }, 'order_amount_invalid'],
      [{ order_amount: undefined }, 'order_amount_missing'],
      [{ customer_details: { customer_id: 'a' } }, 'customer_details.customer_phone_missing'],
      [{ order_id: 'a b' }, 'order_id_invalid'],
    ] as const;
    for (const [fields, code] of wrong) {
      const { body, status } = await api('POST /orders', order(fields));
      expect({ status, code: body.code, type: body.type }).toEqual({
        status: 400,
        code,
        type: 'invalid_request_error',
      });
    }
    expect((await api('GET /orders/none')).status).toBe(404);
    expect((await api('GET /orders/__proto__')).status).toBe(404);
  });

  it('answers the same idempotency key with the same order, and refuses it for another', async () => {
    const key = { 'x-idempotency-key': 'k' };
    const first = await api('POST /orders', order(), key);
    const second = await api('POST /orders', order(), key);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('x-idempotency-replayed')).toBe('true');
    const other = await api('POST /orders', order({ order_amount: 2 }), key);
    expect([other.status, other.body.type]).toEqual([422, 'idempotency_error']);
    expect((await api('POST /orders', order())).body.code).toBe('order_already_exists');
  });

  it('can fail after the work is done, and the same key then finds it', async () => {
    const key = { 'x-idempotency-key': 'k' };
    await control('/rules', { fail_calls: 1, fail_after: true });
    expect((await api('POST /orders', order(), key)).status).toBe(503);
    expect((await api('POST /orders', order(), key)).status).toBe(200);
  });

  it('lets an order expire by the clock, and then takes no payment', async () => {
    const { body } = await api('POST /orders', order());
    await control('/clock', { advance_ms: 31 * 86_400_000 });
    expect((await api('GET /orders/order-1')).body.order_status).toBe('EXPIRED');
    expect((await click(body.payment_session_id, 'success')).status).toBe(400);
  });
});

describe('the checkout page', () => {
  it('offers to pay, to fail, to wait and to leave, and runs no script', async () => {
    const { body } = await api('POST /orders', order({ order_note: '<b>Pro</b>' }));
    const page = await fetch(url(`/checkout/${body.payment_session_id}`));
    const html = await page.text();
    for (const outcome of ['success', 'failed', 'pending', 'dropped']) {
      expect(html).toContain(`data-outcome="${outcome}"`);
    }
    expect(html).toContain('₹1,499.00');
    expect(html).not.toContain('<b>Pro');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(url('/checkout/none'))).status).toBe(404);
  });

  it('pays, tells the shop with a signature over the bytes, and goes back to the shop', async () => {
    const { body } = await api('POST /orders', order({ order_amount: 170 }));
    const answer = await click(body.payment_session_id, 'success');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('http://shop.test/back?order=order-1');
    await flush();
    expect(received).toHaveLength(1);
    const [{ data, headers, raw, type } = { headers: {}, raw: '', type: '', data: {} }] = received;
    expect(type).toBe('PAYMENT_SUCCESS_WEBHOOK');
    expect(raw).toContain('"payment_amount":170.00');
    const timestamp = String(headers['x-webhook-timestamp']);
    expect(headers['x-webhook-signature']).toBe(sign(timestamp, raw, secret));
    const payments = (await api('GET /orders/order-1/payments')).body;
    expect(payments).toMatchObject([
      { payment_status: 'SUCCESS', cf_payment_id: data.payment?.cf_payment_id },
    ]);
    expect((await api('GET /orders/order-1')).body.order_status).toBe('PAID');
  });

  it('takes a second attempt after a failure and after leaving, each with its own id', async () => {
    const { body } = await api('POST /orders', order());
    for (const outcome of ['failed', 'dropped', 'success']) {
      await click(body.payment_session_id, outcome);
    }
    await flush();
    expect(received.map(({ type }) => type)).toEqual([
      'PAYMENT_FAILED_WEBHOOK',
      'PAYMENT_USER_DROPPED_WEBHOOK',
      'PAYMENT_SUCCESS_WEBHOOK',
    ]);
    expect(new Set(received.map(({ data }) => data.payment?.cf_payment_id)).size).toBe(3);
    expect((await click(body.payment_session_id, 'success')).status).toBe(400);
  });

  it('leaves a payment pending without a word, until its bank answers', async () => {
    const { body } = await api('POST /orders', order());
    await click(body.payment_session_id, 'pending');
    await flush();
    expect(received).toEqual([]);
    const [payment] = (await api('GET /orders/order-1/payments')).body;
    expect(payment.payment_status).toBe('PENDING');
    await click(body.payment_session_id, 'success');
    await flush();
    expect(received[0]?.data.payment?.cf_payment_id).toBe(payment.cf_payment_id);
  });
});

describe('webhooks', () => {
  const pay = (id: string, outcome = 'success') => control('/payments', { order_id: id, outcome });

  it('come again after 2, 10 and 30 minutes until they are taken, and then no more', async () => {
    await control('/rules', { hold_webhooks: true });
    await api('POST /orders', order());
    shopAnswers = [500, 503, 404];
    await pay('order-1');
    await flush();
    await control('/rules', { hold_webhooks: false });
    for (const minutes of [2, 10, 30]) {
      await control('/clock', { advance_ms: minutes * 60_000 - 5_000 });
      const before = received.length;
      await control('/clock', { advance_ms: 5_000 });
      expect(received.length).toBe(before + 1);
    }
    await control('/clock', { advance_ms: 86_400_000 });
    expect(received.map(({ headers }) => headers['x-webhook-attempt'])).toEqual([
      '1',
      '2',
      '3',
      '4',
    ]);
    expect(new Set(received.map(({ headers }) => headers['x-idempotency-key'])).size).toBe(1);
  });

  it('can be held back, turned round and doubled', async () => {
    await control('/rules', { hold_webhooks: true, duplicates: 1 });
    for (const id of ['order-1', 'order-2']) await api('POST /orders', order({ order_id: id }));
    await pay('order-1');
    await pay('order-2');
    expect(received).toEqual([]);
    await flush({ order: 'reversed' });
    expect(received.map(({ data }) => data.order?.order_id)).toEqual([
      'order-2',
      'order-1',
      'order-2',
      'order-1',
    ]);
  });

  it('can be late', async () => {
    await api('POST /orders', order());
    await control('/rules', { delay_ms: 600_000 });
    await pay('order-1');
    await control('/clock', { advance_ms: 300_000 });
    expect(received).toEqual([]);
    await control('/clock', { advance_ms: 300_000 });
    expect(received).toHaveLength(1);
  });

  it('go to the address of the order, if it names one', async () => {
    const port = (shop.address() as AddressInfo).port;
    const notify_url = `http://127.0.0.1:${port}/own`;
    await api('POST /orders', order({ order_meta: { notify_url } }));
    await pay('order-1');
    await flush();
    expect(received).toHaveLength(1);
  });
});

describe('refunds', () => {
  const refund = (id: string, amount: number) =>
    api('POST /orders/order-1/refunds', { refund_id: id, refund_amount: amount });

  it('need a payment, never exceed it, and are told to the shop', async () => {
    const { body } = await api('POST /orders', order());
    expect((await refund('ref-1', 10)).body.code).toBe('order_not_paid');
    await click(body.payment_session_id, 'success');
    expect((await refund('ref-1', 1000)).body).toMatchObject({ refund_status: 'PENDING' });
    expect((await refund('ref-2', 499.01)).body.code).toBe('refund_amount_invalid');
    expect((await refund('ref-2', 499)).status).toBe(200);
    expect((await refund('ref-2', 1)).body.code).toBe('refund_already_exists');
    expect((await api('GET /orders/order-1/refunds/ref-1')).body.refund_status).toBe('SUCCESS');
    await flush();
    expect(received.filter(({ type }) => type === 'REFUND_STATUS_WEBHOOK')).toHaveLength(2);
  });

  it('can be decided later', async () => {
    await control('/rules', { refund_outcome: 'pending' });
    const { body } = await api('POST /orders', order());
    await click(body.payment_session_id, 'success');
    await refund('ref-1', 1499);
    await control('/refunds/ref-1', { outcome: 'cancelled' });
    expect((await api('GET /orders/order-1/refunds')).body[0].refund_status).toBe('CANCELLED');
    expect((await refund('ref-2', 1499)).status).toBe(200);
  });
});

describe('subscriptions', () => {
  const charge = (id: string, amount = 1499) =>
    api('POST /subscriptions/pay', {
      subscription_id: 'sub-1',
      payment_id: id,
      payment_type: 'CHARGE',
      payment_amount: amount,
    });

  async function subscribe() {
    const plan = {
      plan_id: 'pro',
      plan_name: 'Pro',
      plan_type: 'ON_DEMAND',
      plan_max_amount: 9999,
    };
    await api('POST /plans', plan);
    const { body } = await api('POST /subscriptions', {
      subscription_id: 'sub-1',
      plan_details: { plan_id: 'pro' },
      customer_details: { customer_phone: '9999999999' },
      subscription_meta: { return_url: 'http://shop.test/mandate' },
    });
    return body.subscription_session_id as string;
  }

  it('are charged only between authorisation and cancellation, up to their limit', async () => {
    const session = await subscribe();
    expect((await charge('c-01')).body.code).toBe('subscription_status_invalid');
    expect((await click(session, 'success')).headers.get('location')).toBe(
      'http://shop.test/mandate',
    );
    expect((await charge('c-01')).body.payment_status).toBe('PENDING');
    expect((await charge('c-01')).body.code).toBe('payment_already_exists');
    expect((await charge('c-02', 10_000)).body.code).toBe('payment_amount_invalid');
    const paid = await api('GET /subscriptions/sub-1/payments/c-01');
    expect(paid.body.payment_status).toBe('SUCCESS');
    const cancel = { subscription_id: 'sub-1', action: 'CANCEL' };
    const done = await api('POST /subscriptions/sub-1/manage', cancel);
    expect(done.body.subscription_status).toBe('CANCELLED');
    expect((await charge('c-03')).status).toBe(400);
    expect((await api('POST /subscriptions/sub-1/manage', cancel)).status).toBe(400);
    await flush();
    expect(received.map(({ type }) => type)).toEqual([
      'SUBSCRIPTION_AUTH_STATUS',
      'SUBSCRIPTION_STATUS_CHANGED',
      'SUBSCRIPTION_PAYMENT_SUCCESS',
      'SUBSCRIPTION_STATUS_CHANGED',
    ]);
  });

  it('whose bank declines stay unauthorised; a charge that fails says why', async () => {
    const session = await subscribe();
    await click(session, 'failed');
    const { body } = await api('GET /subscriptions/sub-1');
    expect(body.subscription_status).toBe('INITIALIZED');
    await click(session, 'success');
    await control('/rules', { charge_outcome: 'failed' });
    await charge('c-01');
    const failed = (await api('GET /subscriptions/sub-1/payments/c-01')).body;
    expect(failed).toMatchObject({
      payment_status: 'FAILED',
      failure_details: { failure_reason: 'INSUFFICIENT_FUNDS' },
    });
  });

  it('give a charge back', async () => {
    await click(await subscribe(), 'success');
    await charge('c-01');
    const body = { payment_id: 'c-01', refund_id: 'ref-1', refund_amount: 1499 };
    expect((await api('POST /subscriptions/sub-1/refunds', body)).status).toBe(200);
    const refund = await api('GET /subscriptions/sub-1/refunds/ref-1');
    expect(refund.body.refund_status).toBe('SUCCESS');
  });
});

it('a restart loses nothing: orders, keys, held webhooks and the time', async () => {
  const key = { 'x-idempotency-key': 'k' };
  await control('/rules', { hold_webhooks: true });
  const first = await api('POST /orders', order(), key);
  await control('/payments', { order_id: 'order-1', outcome: 'success' });
  await control('/clock', { advance_ms: 3_600_000 });
  await cashfree.close();
  await start();
  expect((await api('POST /orders', order(), key)).text).toBe(first.text);
  expect((await api('GET /orders/order-1')).body.order_status).toBe('PAID');
  await flush();
  expect(received).toHaveLength(1);
  const { now } = (await (await fetch(url('/_control/state'))).json()) as { now: string };
  expect(Date.parse(now)).toBeGreaterThan(Date.now() + 3_590_000);
});

it('a page of another site cannot steer it', async () => {
  const answer = await fetch(url('/_control/reset'), { method: 'POST', body: '{}' });
  expect(answer.status).toBe(415);
});
