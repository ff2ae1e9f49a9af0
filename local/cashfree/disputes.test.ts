import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cashfree, createCashfree } from '#server/platform/cashfree.ts';
import { verifyWebhook } from '#server/platform/cashfree-webhook.ts';
import { startCashfree } from './server.ts';

type Told = { type: string; data: { dispute: { dispute_id: string; dispute_status: string } } };

const dir = mkdtempSync(join(tmpdir(), 'nebula-cashfree-disputes-'));
const secret = 'dispute-secret';
let cashfree: Awaited<ReturnType<typeof startCashfree>>;
let client: Cashfree;
let base: string;
const told: (Told & { verdict: string })[] = [];
const shop = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const rawBody = Buffer.concat(chunks);
  const signature = request.headers['x-webhook-signature'];
  const timestamp = request.headers['x-webhook-timestamp'];
  const verdict = verifyWebhook({ signature, timestamp, rawBody }, secret, Date.now());
  told.push({ verdict, ...(JSON.parse(rawBody.toString()) as Told) });
  response.end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const webhookUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  cashfree = await startCashfree({ port: 0, dir, clientId: 'c', clientSecret: secret, webhookUrl });
  base = `http://127.0.0.1:${cashfree.port}`;
  const config = { clientId: 'c', clientSecret: secret, apiVersion: '2025-01-01' };
  client = createCashfree({ baseUrl: `${base}/pg`, ...config });
});

afterAll(async () => {
  await cashfree.close();
  shop.closeAllConnections();
  await new Promise((resolve) => shop.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

async function control<T>(path: string, body: object) {
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(`${base}/_control${path}`, sent);
  return { status: response.status, body: (await response.json()) as T };
}

async function paymentOf(order_id: string, outcome: string): Promise<string> {
  const customer_details = { customer_id: 'acc', customer_phone: '9999999999' };
  const order_meta = { return_url: 'http://shop.test/back' };
  const order_expiry_time = new Date(Date.now() + 3_600_000).toISOString();
  const order = { order_id, order_amount: 149_900, customer_details, order_meta };
  await client.createOrder({ ...order, order_expiry_time });
  const made = await control<{ cf_payment_id: string }>('/payments', { order_id, outcome });
  return made.body.cf_payment_id;
}

it('a dispute is raised, goes on and ends, and each step is told with a signature', async () => {
  const cf_payment_id = await paymentOf('order-1', 'success');
  const { body } = await control<{ dispute_id: string }>('/disputes', { cf_payment_id });
  const id = body.dispute_id;
  expect(await client.getDispute(id)).toMatchObject({
    dispute_id: id,
    dispute_amount: 149_900,
    dispute_status: 'CHARGEBACK_CREATED',
    order_details: { order_id: 'order-1', cf_payment_id },
  });
  await control(`/disputes/${id}`, { status: 'UNDER_REVIEW' });
  await control(`/disputes/${id}`, { status: 'MERCHANT_WON' });
  await control(`/disputes/${id}`, { status: 'CREATED', type: 'PRE_ARBITRATION' });
  await control(`/disputes/${id}`, { status: 'MERCHANT_LOST' });
  await control('/webhooks/flush', {});
  const steps = told.filter(({ data }) => data.dispute?.dispute_id === id);
  expect(steps.map(({ data, type }) => [type, data.dispute.dispute_status])).toEqual([
    ['DISPUTE_CREATED', 'CHARGEBACK_CREATED'],
    ['DISPUTE_UPDATED', 'CHARGEBACK_UNDER_REVIEW'],
    ['DISPUTE_CLOSED', 'CHARGEBACK_MERCHANT_WON'],
    ['DISPUTE_UPDATED', 'PRE_ARBITRATION_CREATED'],
    ['DISPUTE_CLOSED', 'PRE_ARBITRATION_MERCHANT_LOST'],
  ]);
  expect(new Set(steps.map(({ verdict }) => verdict))).toEqual(new Set(['valid']));
});

it('only a payment that was made can be disputed', async () => {
  const cf_payment_id = await paymentOf('order-2', 'failed');
  expect((await control('/disputes', { cf_payment_id })).status).toBe(400);
  expect((await control('/disputes', { cf_payment_id: 'none' })).status).toBe(404);
  await expect(client.getDispute('none')).rejects.toMatchObject({ code: 'not_found' });
});
