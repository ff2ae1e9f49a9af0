import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cashfree, createCashfree } from '#server/platform/cashfree.ts';
import { verifyWebhook } from '#server/platform/cashfree-webhook.ts';
import { decodeBody } from '#server/platform/cashfree-wire.ts';
import { startCashfree } from './server.ts';

// The product's own client against the stand-in: neither shares a line of code with the other.
const dir = mkdtempSync(join(tmpdir(), 'nebula-cashfree-client-'));
const secret = 'client-secret';
let cashfree: Awaited<ReturnType<typeof startCashfree>>;
let client: Cashfree;
const webhooks: { verdict: string; body: unknown }[] = [];
const shop = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const rawBody = Buffer.concat(chunks);
  const signature = request.headers['x-webhook-signature'];
  const timestamp = request.headers['x-webhook-timestamp'];
  const verdict = verifyWebhook({ signature, timestamp, rawBody }, secret, Date.now());
  webhooks.push({ verdict, body: decodeBody(rawBody.toString()) });
  response.end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const webhookUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  cashfree = await startCashfree({ port: 0, dir, clientId: 'c', clientSecret: secret, webhookUrl });
  client = connect();
});

afterAll(async () => {
  await cashfree.close();
  shop.closeAllConnections();
  await new Promise((resolve) => shop.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

function connect(config: object = {}) {
  const baseUrl = `http://127.0.0.1:${cashfree.port}/pg`;
  const apiVersion = '2025-01-01';
  return createCashfree({ baseUrl, clientId: 'c', clientSecret: secret, apiVersion, ...config });
}

const control = (path: string, body: object = {}) =>
  fetch(`http://127.0.0.1:${cashfree.port}/_control${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const order = (order_id: string, order_amount = 149_905) => ({
  order_id,
  order_amount,
  customer_details: { customer_id: 'acc', customer_phone: '9999999999' },
  order_meta: { return_url: 'http://shop.test/back' },
  order_expiry_time: new Date(Date.now() + 1_800_000).toISOString(),
});

describe('the client', () => {
  it('orders, sees the payment, verifies its webhook and refunds, all in paise', async () => {
    expect((await client.createOrder(order('o-1'))).order_amount).toBe(149_905);
    await control('/payments', { order_id: 'o-1', outcome: 'success' });
    await control('/webhooks/flush');
    expect(webhooks).toMatchObject([
      { verdict: 'valid', body: { data: { payment: { payment_amount: 149_905 } } } },
    ]);
    expect((await client.getOrder('o-1')).order_status).toBe('PAID');
    const [payment] = await client.listPayments('o-1');
    expect(payment).toMatchObject({ payment_status: 'SUCCESS', payment_amount: 149_905 });
    await client.refundOrder('o-1', { refund_id: 'r-1', refund_amount: 99_933 });
    const refund = await client.getRefund('o-1', 'r-1');
    expect(refund).toMatchObject({ refund_status: 'SUCCESS', refund_amount: 99_933 });
  });

  it('takes a mandate, charges it, refunds the charge and cancels it', async () => {
    const made = await client.createSubscription({
      subscription_id: 's-1',
      customer_details: { customer_id: 'acc', customer_phone: '9999999999' },
      plan_details: { plan_id: 'pro', plan_name: 'Pro', plan_max_amount: 999_900 },
      subscription_meta: { return_url: 'http://shop.test/back' },
    });
    const page = `http://127.0.0.1:${cashfree.port}/checkout/${made.subscription_session_id}`;
    const body = new URLSearchParams({ outcome: 'success' });
    await fetch(page, { method: 'POST', body, redirect: 'manual' });
    expect((await client.getSubscription('s-1')).subscription_status).toBe('ACTIVE');
    const charge = { subscription_id: 's-1', payment_id: 'c-01', payment_amount: 149_900 };
    await client.charge(charge);
    expect(await client.getCharge('s-1', 'c-01')).toMatchObject({
      payment_status: 'SUCCESS',
      payment_amount: 149_900,
    });
    const refund = { payment_id: 'c-01', refund_id: 'r-2', refund_amount: 149_900 };
    expect((await client.refundCharge('s-1', refund)).refund_amount).toBe(149_900);
    expect((await client.cancelSubscription('s-1')).subscription_status).toBe('CANCELLED');
  });

  it('tries again after a lost answer, and there is one order', async () => {
    await control('/rules', { fail_calls: 2, fail_status: 502, fail_after: true });
    expect((await client.createOrder(order('o-2'))).order_status).toBe('ACTIVE');
  });

  it('gives up after three attempts with an error that may be retried', async () => {
    await control('/rules', { fail_calls: 3, fail_status: 500, fail_after: false });
    await expect(client.getOrder('o-1')).rejects.toMatchObject({ code: 'unavailable' });
    expect((await client.getOrder('o-1')).order_id).toBe('o-1');
  });

  it('says not found, conflict and internal apart, with the truth in the cause', async () => {
    await expect(client.getOrder('none')).rejects.toMatchObject({ code: 'not_found' });
    const stranger = connect({ clientSecret: 'wrong' });
    await expect(stranger.getOrder('o-1')).rejects.toMatchObject({
      code: 'internal',
      cause: { status: 401, code: 'request_failed' },
    });
    await expect(client.createOrder(order('o-1', 200))).rejects.toMatchObject({
      code: 'internal',
      cause: { status: 422, code: 'idempotency_key_invalid' },
    });
  });

  it('does not wait for a provider that never answers', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/pg`;
    const deaf = connect({ baseUrl, timeoutMs: 50 });
    await expect(deaf.getOrder('o-1')).rejects.toMatchObject({ code: 'unavailable' });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });
});
