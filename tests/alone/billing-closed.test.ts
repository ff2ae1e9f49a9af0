import { afterEach, expect, test } from 'vitest';
import {
  allowMandate,
  billing,
  booksOf,
  buy,
  type Customer,
  chargesOf,
  click,
  control,
  customer,
  customerOnPro,
  database,
  nextBoundary,
  renewAt,
  restoreBilling,
} from '../support/billing.ts';
import { call, sessionOf } from '../support/callers.ts';
import { stack } from '../support/stack.ts';

afterEach(restoreBilling);

const price = 149_900;
const patient = { timeout: 50_000 };

async function deleteAccount({ email, id }: Customer): Promise<void> {
  const path = `/users/me?confirm=${encodeURIComponent(email)}`;
  const { status, text } = await call('DELETE', path, await sessionOf(id));
  expect(status, text).toBe(200);
}

/** Everything that came has gone back, and nothing waits for being done. */
async function expectReturned(account: Customer, before = 0): Promise<void> {
  const waiting = async () => {
    await billing.runBilling();
    const { data } = await database()
      .billingEffect.query.byAccount({ accountId: account.id })
      .where(({ status }, { eq }) => eq(status, 'pending'))
      .go({ pages: 'all', consistent: true });
    return data.map(({ key }) => key);
  };
  await expect.poll(waiting, patient).toEqual([]);
  const { kinds, sum } = await booksOf(account);
  expect([sum('bank'), sum('receivable'), sum('unapplied')]).toEqual([before, 0, 0]);
  expect(kinds('unapplied_refund')).toBe(1);
  expect((await database().account.get({ id: account.id }).go()).data).toBeNull();
}

test('money for a checkout that outlives its account goes back, and the order is over', async () => {
  const account = await customer();
  const { orderId, url } = await buy(account, 'pro');
  await deleteAccount(account);
  await click(url, 'success');
  await expect.poll(() => billing.confirmOrder(orderId), patient).toBe('settled');
  await expectReturned(account);
});

test('a renewal that its bank grants after the account is gone is paid back', async () => {
  const account = await customerOnPro();
  const mandateId = await allowMandate(account);
  await control('/rules', { charge_outcome: 'pending', hold_webhooks: true });
  await renewAt(nextBoundary());
  const [charge] = await chargesOf(mandateId);
  expect(charge?.status).toBe('PENDING');
  await deleteAccount(account);
  await control(`/payments/${charge?.cf_payment_id}`, { outcome: 'success' });
  await expectReturned(account, price);
  const { documents } = await booksOf(account);
  expect(documents.map(({ kind }) => kind).sort()).toEqual(['credit_note', 'invoice', 'invoice']);
});

test('a refund that was on its way when the account went is booked when it arrives', async () => {
  const account = await customerOnPro();
  await control('/rules', { refund_outcome: 'pending', hold_webhooks: true });
  const [paymentId = ''] = Object.keys((await billing.readBilling(account)).payments);
  const source = { actor: { kind: 'system' } } as const;
  const order = { paymentId, amount: 50_000, reference: 'goodwill' };
  const { id } = await billing.refundByOperator(source, account, order);
  await deleteAccount(account);
  await control(`/refunds/${id}`, { outcome: 'success' });
  await billing.runBilling();
  const { kinds, sum } = await booksOf(account);
  expect([sum('bank'), kinds('refund')]).toEqual([price - 50_000, 1]);
});

test('a mandate that is allowed when the account is gone is ended at the bank', async () => {
  const account = await customerOnPro();
  const start = { phone: '9999999999', returnUrl: stack.url };
  const { mandateId, url } = await billing.startMandate(account, start);
  await deleteAccount(account);
  await click(url, 'success');
  await expect.poll(() => billing.confirmMandate(mandateId), patient).toBe('ended');
  type State = { subscriptions: Record<string, { status: string }> };
  const { subscriptions } = await control<State>('/state');
  expect(subscriptions[mandateId]?.status).toBe('CANCELLED');
});

test('an account is deleted although Cashfree does not answer; its mandate is ended later', async () => {
  const account = await customerOnPro();
  const mandateId = await allowMandate(account);
  await control('/rules', { fail_calls: 50, fail_status: 503 });
  await deleteAccount(account);
  await control('/rules', { fail_calls: 0 });
  const ended = async () => {
    await billing.runBilling();
    return billing.confirmMandate(mandateId);
  };
  await expect.poll(ended, patient).toBe('ended');
});
