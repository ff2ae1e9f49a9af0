import { afterEach, describe, expect, test } from 'vitest';
import {
  billing,
  booksOf,
  buy,
  type Customer,
  click,
  control,
  customer,
  database,
  planOf,
  post,
  restoreBilling,
  sentWebhook,
} from '../support/billing.ts';

afterEach(restoreBilling);

const orderOf = async (id: string) =>
  (await database().billingOrder.get({ id }).go({ consistent: true })).data;

/** An order whose webhooks wait until the test sends them. */
async function begin() {
  const account = await customer();
  await control('/rules', { hold_webhooks: true });
  return { account, ...(await buy(account, 'pro')) };
}

async function expectNothing(account: Customer): Promise<void> {
  expect(await planOf(account)).toBe('free');
  const { documents, sum } = await booksOf(account);
  expect([documents, sum('bank')]).toEqual([[], 0]);
}

describe('an order', () => {
  test.each([
    ['amount', async () => ({ amount: 999_900 })],
    ['customer', async () => ({ accountId: (await customer()).id })],
  ])('whose %s is not what was asked grants nothing', async (_what, other) => {
    const { account, orderId, url } = await begin();
    const row = await orderOf(orderId);
    if (!row) throw new Error('the order is gone');
    await database()
      .billingOrder.put({ ...row, ...(await other()) })
      .go();
    await click(url, 'success');
    expect(await billing.confirmOrder(orderId)).toBe('mismatch');
    expect(await planOf(account)).toBe('free');
    const after = await orderOf(orderId);
    expect(await planOf(after ? { ...account, id: after.accountId } : account)).toBe('free');
  });

  test.each([
    ['currency', { currency: 'USD' }],
    ['amount', { amount: 100 }],
  ])(
    'that was paid in another %s at Cashfree: its webhook is taken, and grants nothing',
    async (_what, change) => {
      const { account, orderId, url } = await begin();
      await control(`/orders/${orderId}`, change);
      await click(url, 'success');
      const body = await sentWebhook(orderId);
      for (let times = 0; times < 2; times++) expect((await post(body)).status).toBe(200);
      expect((await orderOf(orderId))?.status).toBe('mismatch');
      await expectNothing(account);
    },
  );

  test('that has come with a part of its amount grants nothing, and the money goes back', async () => {
    const { account, orderId } = await begin();
    const asked = (await orderOf(orderId))?.amount;
    await control(`/orders/${orderId}`, { amount: 100 });
    const { cf_payment_id } = await control<{ cf_payment_id: string }>('/payments', {
      order_id: orderId,
      outcome: 'pending',
    });
    await control(`/orders/${orderId}`, { amount: asked });
    await control(`/payments/${cf_payment_id}`, { outcome: 'success' });
    const body = await sentWebhook(orderId);
    // Once more, as the webhook of the refund would.
    for (let times = 0; times < 2; times++) expect((await post(body)).status).toBe(200);
    await expect.poll(async () => (await booksOf(account)).kinds('unapplied_refund')).toBe(1);
    await expectNothing(account);
  });
});

describe('of the other environment of Cashfree', () => {
  test('a webhook is signed with another secret: it is refused, and nothing is written', async () => {
    const { account, orderId, url } = await begin();
    await click(url, 'success');
    const body = await sentWebhook(orderId);
    expect((await post(body, { secret: 'of the sandbox' })).status).toBe(401);
    expect((await orderOf(orderId))?.status).toBe('open');
    await expectNothing(account);
  });

  test('an order is unknown in this one: its webhook is taken, and grants nothing', async () => {
    const { account, orderId, url } = await begin();
    await click(url, 'success');
    const row = await orderOf(orderId);
    if (!row) throw new Error('the order is gone');
    const id = `${orderId}_elsewhere`;
    await database()
      .billingOrder.create({ ...row, id })
      .go();
    const body = (await sentWebhook(orderId)).replaceAll(orderId, id);
    expect((await post(body)).status).toBe(200);
    expect((await orderOf(id))?.status).toBe('open');
    await expectNothing(account);
  });
});

test('the webhook that its dashboard sends for a try is taken', async () => {
  const event_time = new Date().toISOString();
  const data = { test_object: { test_key: 'test_value' } };
  expect((await post(JSON.stringify({ data, event_time, type: 'WEBHOOK' }))).status).toBe(200);
});
