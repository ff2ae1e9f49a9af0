import { afterEach, describe, expect, test } from 'vitest';
import {
  allowMandate,
  billing,
  booksOf,
  buy,
  click,
  clock,
  control,
  customer,
  customerOnPro,
  database,
  planOf,
  realNow,
  restoreBilling,
} from '../support/billing.ts';
import { stack } from '../support/stack.ts';

const minute = 60_000;
const day = 86_400_000;
const start = { phone: '9999999999', returnUrl: stack.url };

afterEach(restoreBilling);

/** Both sides see a later time. */
async function waitUntil(moment: number): Promise<void> {
  clock.now = () => moment;
  await control('/clock', { now: new Date(moment).toISOString() });
}

describe('an order', () => {
  test('is not given up while a payment that was begun in time is under way', async () => {
    const account = await customer();
    await control('/rules', { hold_webhooks: true });
    const { orderId } = await buy(account, 'pro');
    const { cf_payment_id } = await control<{ cf_payment_id: string }>('/payments', {
      order_id: orderId,
      outcome: 'pending',
    });
    await waitUntil(realNow() + 60 * minute);
    expect(await billing.confirmOrder(orderId)).toBe('open');
    await control(`/payments/${cf_payment_id}`, { outcome: 'success' });
    await billing.runBilling();
    expect(await billing.confirmOrder(orderId)).toBe('settled');
    // The quote is older than its three quarters of an hour: the money goes back.
    const { kinds, sum } = await booksOf(account);
    expect([kinds('unapplied_refund'), sum('bank')]).toEqual([1, 0]);
  });

  test('that nobody pays is given up a quarter of an hour after it has expired', async () => {
    const { orderId } = await buy(await customer(), 'pro');
    await waitUntil(realNow() + 35 * minute);
    expect(await billing.confirmOrder(orderId)).toBe('open');
    await waitUntil(realNow() + 50 * minute);
    expect(await billing.confirmOrder(orderId)).toBe('lapsed');
  });

  test('is no more than one of twenty that an account may have open', async () => {
    const account = await customer();
    for (let made = 0; made < 20; made++) await buy(account, 'pro');
    await expect(buy(account, 'pro')).rejects.toMatchObject({ code: 'conflict' });
    expect((await buy(await customer(), 'pro')).amount).toBe(149_900);
  });

  test('that is paid after the operator has given a plan brings what was paid for', async () => {
    const account = await customer();
    const { orderId, url } = await buy(account, 'enterprise');
    const source = { actor: { kind: 'system' } } as const;
    await billing.givePlan(account.id, { plan: 'pro', reason: 'beta' }, source);
    await click(url, 'success');
    await expect.poll(() => billing.confirmOrder(orderId), { timeout: 50_000 }).toBe('settled');
    expect(await planOf(account)).toBe('enterprise');
    expect((await booksOf(account)).sum('bank')).toBe(999_900);
  });
});

describe('a mandate', () => {
  test('that its bank works on is waited for; one that nobody has allowed is not', async () => {
    const account = await customerOnPro();
    const [asked, left] = [
      await billing.startMandate(account, start),
      await billing.startMandate(account, start),
    ];
    await click(asked.url, 'pending');
    clock.now = () => realNow() + 2 * day;
    expect(await billing.confirmMandate(asked.mandateId)).toBe('open');
    expect(await billing.confirmMandate(left.mandateId)).toBe('ended');
    clock.now = () => realNow() + 11 * day;
    expect(await billing.confirmMandate(asked.mandateId)).toBe('ended');
  });

  test('that was ended at the bank, unheard, is switched off all the same', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await control('/rules', { hold_webhooks: true });
    await control(`/subscriptions/${mandateId}`, { status: 'CUSTOMER_CANCELLED' });
    await billing.cancelMandate(account);
    expect((await billing.readBilling(account)).mandate).toBeUndefined();
  });

  test('that a crash has left half noted is forgotten once its bank says that it ended', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await control('/rules', { hold_webhooks: true });
    // The account knew of it, and the process died before its row was written.
    await database().billingMandate.patch({ id: mandateId }).set({ status: 'open' }).go();
    await control(`/subscriptions/${mandateId}`, { status: 'CUSTOMER_CANCELLED' });
    expect(await billing.confirmMandate(mandateId)).toBe('ended');
    expect((await billing.readBilling(account)).mandate).toBeUndefined();
  });
});

test('a refund that Cashfree refuses fails, and holds no money', async () => {
  const account = await customerOnPro();
  const { cashfree } = await import('#server/modules/billing/provider.ts');
  const [paymentId = ''] = Object.keys((await billing.readBilling(account)).payments);
  const [orderId = ''] = paymentId.split('/');
  // As the operator may do in Cashfree's own dashboard.
  await cashfree().refundOrder(orderId, { refund_id: `own_${account.id}`, refund_amount: 149_900 });
  const source = { actor: { kind: 'system' } } as const;
  const order = { paymentId, amount: 50_000, reference: 'goodwill' };
  expect(await billing.refundByOperator(source, account, order)).toMatchObject({
    status: 'failed',
  });
  const [payment] = await billing.listPayments(account);
  expect(payment).toMatchObject({ refunded: 0, refundable: 149_900 });
});
