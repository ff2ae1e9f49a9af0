import { afterEach, describe, expect, test } from 'vitest';
import {
  billing,
  booksOf,
  buy,
  click,
  clock,
  control,
  customer,
  database,
  hook,
  planOf,
  post,
  realNow,
  restoreBilling,
  sentWebhook,
  signWebhook,
} from '../support/billing.ts';

afterEach(restoreBilling);

describe('a webhook', () => {
  test('fifty times at once, and the customer coming back: one grant', async () => {
    const account = await customer();
    await control('/rules', { hold_webhooks: true });
    const { orderId, url } = await buy(account, 'pro');
    await click(url, 'success');
    const body = await sentWebhook(orderId);
    const answers = await Promise.all([
      ...Array.from({ length: 50 }, () => post(body).then(({ status }) => status)),
      billing.confirmOrder(orderId).then(() => 200),
    ]);
    // A crowd may be told to come again; Cashfree does.
    expect(answers.every((status) => status === 200 || status === 503)).toBe(true);
    expect((await post(body)).status).toBe(200);
    expect(await planOf(account)).toBe('pro');
    const { documents, kinds, sum } = await booksOf(account);
    expect([documents.length, kinds('payment'), sum('bank')]).toEqual([1, 1, 149_900]);
  });

  test('with a wrong signature is refused, and nothing is written', async () => {
    const account = await customer();
    await control('/rules', { hold_webhooks: true });
    const { orderId, url } = await buy(account, 'pro');
    await click(url, 'success');
    const body = await sentWebhook(orderId);
    expect((await post(body, { secret: 'wrong' })).status).toBe(401);
    expect((await fetch(hook, { method: 'POST', body })).status).toBe(401);
    const headers = signWebhook(body);
    const signature = headers['x-webhook-signature'];
    const again = JSON.stringify(JSON.parse(body));
    expect((await fetch(hook, { method: 'POST', body: again, headers })).status).toBe(401);
    const twice = { ...headers, 'x-webhook-signature': `${signature}, ${signature}` };
    expect((await fetch(hook, { method: 'POST', body, headers: twice })).status).toBe(401);
    const large = body.padEnd(1024 * 1024);
    expect((await fetch(hook, { method: 'POST', body: large, headers })).status).toBe(413);
    expect(await planOf(account)).toBe('free');
    expect((await booksOf(account)).documents).toEqual([]);
  });

  test('that is old is handled all the same, for Cashfree tries for half an hour', async () => {
    const account = await customer();
    await control('/rules', { hold_webhooks: true });
    const { orderId, url } = await buy(account, 'pro');
    await click(url, 'success');
    expect((await post(await sentWebhook(orderId), { age: 1_900_000 })).status).toBe(200);
    expect(await planOf(account)).toBe('pro');
  });

  test('of a failure that comes after the success takes nothing back', async () => {
    const account = await customer();
    const { orderId, url } = await buy(account, 'pro');
    await control('/rules', { hold_webhooks: true });
    await click(url, 'failed');
    await click(url, 'success');
    await control('/webhooks/flush', { order: 'reversed' });
    await expect.poll(() => planOf(account)).toBe('pro');
    expect((await post(await sentWebhook(orderId, 'PAYMENT_FAILED_WEBHOOK'))).status).toBe(200);
    expect(await planOf(account)).toBe('pro');
  });

  test('that claims a payment which Cashfree does not know grants nothing', async () => {
    const account = await customer();
    const { orderId } = await buy(account, 'pro');
    const claim = { type: 'PAYMENT_SUCCESS_WEBHOOK', data: { order: { order_id: orderId } } };
    expect((await post(JSON.stringify(claim))).status).toBe(200);
    expect(await planOf(account)).toBe('free');
  });

  test('of an unknown order, or of a kind we do not know, is taken and forgotten', async () => {
    const unknown = { type: 'PAYMENT_SUCCESS_WEBHOOK', data: { order: { order_id: 'none' } } };
    expect((await post(JSON.stringify(unknown))).status).toBe(200);
    expect((await post('{"type":"DISPUTE_CREATED","data":{}}')).status).toBe(200);
    expect((await post('no json')).status).toBe(400);
  });
});

describe('money that pays for nothing', () => {
  test('two payments of one order: one grant, and the other goes back', async () => {
    const account = await customer();
    await control('/rules', { hold_webhooks: true });
    const { orderId } = await buy(account, 'pro');
    const pay = () =>
      control<{ cf_payment_id: string }>('/payments', { order_id: orderId, outcome: 'pending' });
    const both = [await pay(), await pay()];
    for (const { cf_payment_id } of both) {
      await control(`/payments/${cf_payment_id}`, { outcome: 'success' });
    }
    await billing.confirmOrder(orderId);
    expect(await planOf(account)).toBe('pro');
    // As the webhook of the refund would.
    await billing.confirmOrder(orderId);
    const { kinds, sum } = await booksOf(account);
    expect([kinds('payment'), kinds('unapplied_payment'), kinds('unapplied_refund')]).toEqual([
      1, 1, 1,
    ]);
    expect([sum('bank'), sum('unapplied')]).toEqual([149_900, 0]);
  });

  test('two checkouts of one plan, both paid: the second goes back, also when the bank is slow', async () => {
    const account = await customer();
    const orders = [await buy(account, 'pro'), await buy(account, 'pro')];
    await control('/rules', { hold_webhooks: true, refund_outcome: 'pending' });
    for (const { orderId, url } of orders) {
      await click(url, 'success');
      await billing.confirmOrder(orderId);
    }
    expect((await booksOf(account)).sum('unapplied')).toBe(-149_900);
    type Refunds = { refunds: Record<string, { order_id: string }> };
    const { refunds } = await control<Refunds>('/state');
    const [id] =
      Object.entries(refunds).find(([, one]) => one.order_id === orders[1]?.orderId) ?? [];
    await control(`/refunds/${id}`, { outcome: 'success' });
    await billing.runBilling();
    expect((await booksOf(account)).sum('unapplied')).toBe(0);
  });
});

describe('a crash', () => {
  const orderOf = async (id: string) => (await database().billingOrder.get({ id }).go()).data;

  test('before Cashfree heard of the order: one later pass closes it', async () => {
    const account = await customer();
    await control('/rules', { fail_calls: 3, fail_status: 503 });
    await expect(buy(account, 'pro')).rejects.toMatchObject({ code: 'unavailable' });
    const open = await database()
      .billingOrder.query.byStatus({ status: 'open' })
      .go({ pages: 'all' });
    const row = open.data.find(({ accountId }) => accountId === account.id);
    expect(await billing.confirmOrder(row?.id ?? '')).toBe('open');
    clock.now = () => realNow() + 3_600_000;
    await billing.runBilling();
    expect((await orderOf(row?.id ?? ''))?.status).toBe('lapsed');
    expect(await planOf(account)).toBe('free');
  });

  test('after the payment, with every webhook lost: one pass grants it', async () => {
    const account = await customer();
    await control('/rules', { hold_webhooks: true });
    const { orderId, url } = await buy(account, 'pro');
    await click(url, 'success');
    await billing.runBilling();
    expect(await planOf(account)).toBe('pro');
    expect((await orderOf(orderId))?.status).toBe('settled');
  });

  test('after the grant, before its order was closed and its effects done: nothing counts twice', async () => {
    const account = await customer();
    await control('/rules', { hold_webhooks: true });
    const { orderId, url } = await buy(account, 'pro');
    await click(url, 'success');
    await billing.confirmOrder(orderId);
    const before = await booksOf(account);
    await database()
      .billingOrder.patch({ id: orderId })
      .set({ status: 'open' })
      .composite({ accountId: account.id })
      .go();
    const { data: effects } = await database()
      .billingEffect.query.byAccount({ accountId: account.id })
      .go();
    for (const { accountId, key } of effects) {
      await database().billingEffect.patch({ accountId, key }).set({ status: 'pending' }).go();
    }
    await billing.runBilling();
    expect((await orderOf(orderId))?.status).toBe('settled');
    const after = await booksOf(account);
    expect(after.documents).toEqual(before.documents);
    expect(after.kinds('payment')).toBe(1);
  });
});
