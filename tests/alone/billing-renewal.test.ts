import { afterEach, describe, expect, test } from 'vitest';
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
  listen,
  nextBoundary,
  passTimeTo,
  planOf,
  post,
  renewAt,
  restoreBilling,
} from '../support/billing.ts';
import { dieAfter } from '../support/crash.ts';
import { mailsTo, mailTo } from '../support/mails.ts';
import { stack } from '../support/stack.ts';

const day = 86_400_000;

afterEach(restoreBilling);

const statusOf = async (account: Customer) => {
  const { dunning, mandate } = await billing.readBilling(account);
  return { isOpen: dunning !== undefined, attempt: dunning?.attempt, mandate: mandate?.id };
};

/** What one renewal leaves behind, however it came about. */
async function expectOneRenewal(account: Customer, mandateId: string): Promise<void> {
  const { documents, kinds, sum } = await booksOf(account);
  expect(documents.map(({ kind }) => kind)).toEqual(['invoice', 'invoice']);
  expect(new Set(documents.map(({ number }) => number)).size).toBe(2);
  expect([kinds('invoice'), kinds('payment'), kinds('unapplied_payment')]).toEqual([2, 2, 0]);
  expect([sum('bank'), sum('receivable')]).toEqual([2 * 149_900, 0]);
  expect(await chargesOf(mandateId)).toMatchObject([{ status: 'SUCCESS' }]);
  expect(await statusOf(account)).toMatchObject({ isOpen: false, mandate: mandateId });
  expect(await planOf(account)).toBe('pro');
}

describe('automatic payments', () => {
  test('are allowed on the checkout page, and the account knows them once', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    expect(await billing.confirmMandate(mandateId)).toBe('active');
    expect(await statusOf(account)).toMatchObject({ mandate: mandateId });
    const { data } = await database().billingMandate.get({ id: mandateId }).go();
    expect(data?.status).toBe('active');
  });

  test('that the bank declines, or that the customer leaves, are not there', async () => {
    const account = await customerOnPro();
    const returnUrl = stack.url;
    for (const outcome of ['failed', 'dropped', 'pending']) {
      const start = await billing.startMandate(account, { phone: '9999999999', returnUrl });
      await click(start.url, outcome);
      expect(await billing.confirmMandate(start.mandateId)).toBe('open');
    }
    expect(await statusOf(account)).toMatchObject({ mandate: undefined });
  });

  test('are not for Free, nor for anybody else', async () => {
    const account = await customer();
    const start = { phone: '9999999999', returnUrl: stack.url };
    await expect(billing.startMandate(account, start)).rejects.toMatchObject({ code: 'conflict' });
    const mandateId = await allowMandate(await customerOnPro());
    await expect(billing.confirmOwnMandate(account, mandateId)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('are known by the webhook alone, and can be switched off', async () => {
    const account = await customerOnPro();
    const start = { phone: '9999999999', returnUrl: stack.url };
    const { mandateId, url } = await billing.startMandate(account, start);
    await click(url, 'success');
    await expect.poll(() => statusOf(account)).toMatchObject({ mandate: mandateId });
    await billing.cancelMandate(account);
    expect(await statusOf(account)).toMatchObject({ mandate: undefined });
    expect(await billing.confirmMandate(mandateId)).toBe('ended');
  });

  test('that are changed end the ones before at Cashfree', async () => {
    const account = await customerOnPro();
    const first = await allowMandate(account);
    const second = await allowMandate(account);
    expect(await statusOf(account)).toMatchObject({ mandate: second });
    expect(await billing.confirmMandate(first)).toBe('ended');
    type State = { subscriptions: Record<string, { status: string }> };
    const { subscriptions } = await control<State>('/state');
    expect([subscriptions[first]?.status, subscriptions[second]?.status]).toEqual([
      'CANCELLED',
      'ACTIVE',
    ]);
  });
});

describe('a renewal by mandate', () => {
  test('by schedulers that race: one charge, one invoice, one mail, each event once', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    const heard = await listen(account);
    await Promise.all([passTimeTo(nextBoundary()), passTimeTo(nextBoundary())]);
    await Promise.all([billing.runBilling(), billing.runBilling(), billing.runBilling()]);
    await Promise.all([billing.runBilling(), billing.runBilling()]);
    await expectOneRenewal(account, mandateId);
    const types = (await heard()).map(({ type }) => type).toSorted();
    expect(types).toEqual(['invoice.paid', 'subscription.updated']);
    const { documents } = await booksOf(account);
    await mailTo(account.email, `Paid: invoice ${documents.at(-1)?.number}`);
    const paid = (await mailsTo(account.email)).filter(({ subject }) => /^Paid/.test(subject));
    expect(paid).toHaveLength(2);
  });

  test('is finished by the webhook alone, however often it comes', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await control('/rules', { duplicates: 5 });
    await passTimeTo(nextBoundary());
    await billing.runBilling();
    await expect.poll(() => statusOf(account)).toMatchObject({ isOpen: false });
    type Sent = { webhooks: { type: string; body: string }[] };
    const { webhooks } = await control<Sent>('/state');
    const sent = webhooks.find(
      ({ body, type }) => type === 'SUBSCRIPTION_PAYMENT_SUCCESS' && body.includes(mandateId),
    );
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(sent?.body ?? '')));
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    await expectOneRenewal(account, mandateId);
  });

  test('is finished by the scheduler when every webhook is lost', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await control('/rules', { hold_webhooks: true });
    await renewAt(nextBoundary());
    await expectOneRenewal(account, mandateId);
  });

  test('is one also when its scheduler is killed after any of its writes', async () => {
    let writes = 0;
    for (let wasKilled = true; wasKilled; ) {
      writes += 1;
      await control('/rules', { hold_webhooks: false });
      const account = await customerOnPro();
      const mandateId = await allowMandate(account);
      const heard = await listen(account);
      await control('/rules', { hold_webhooks: true });
      wasKilled = await dieAfter(writes, () => renewAt(nextBoundary()));
      await renewAt(nextBoundary());
      await expectOneRenewal(account, mandateId);
      const types = (await heard()).map(({ type }) => type).toSorted();
      expect(types).toEqual(['invoice.paid', 'subscription.updated']);
    }
    // The transaction of the renewal, the one of the payment, and their news.
    expect(writes).toBeGreaterThan(8);
  }, 300_000);

  test('whose answers of Cashfree are lost charges once', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await control('/rules', { hold_webhooks: true });
    await passTimeTo(nextBoundary());
    await control('/rules', { fail_calls: 7, fail_status: 502, fail_after: true });
    for (let pass = 0; pass < 5; pass += 1) await billing.runBilling();
    await expectOneRenewal(account, mandateId);
  }, 120_000);

  test('that was paid by hand before the charge was raised is not charged', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    // Late webhooks and the sweeper of the stack would raise it while the customer pays.
    await control('/rules', { charge_outcome: 'unavailable' });
    await passTimeTo(nextBoundary());
    const { orderId, url } = await buy(account);
    await click(url, 'success');
    await billing.confirmOrder(orderId);
    await control('/rules', { charge_outcome: 'success' });
    await billing.runBilling();
    expect(await chargesOf(mandateId)).toEqual([]);
    expect(await statusOf(account)).toMatchObject({ isOpen: false });
    expect((await booksOf(account)).sum('bank')).toBe(2 * 149_900);
  });

  test('after a change to Free does not happen, and the mandate is given back', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await billing.choosePlan(account, 'free');
    await renewAt(nextBoundary());
    expect(await planOf(account)).toBe('free');
    expect(await chargesOf(mandateId)).toEqual([]);
    expect(await billing.confirmMandate(mandateId)).toBe('ended');
    expect((await booksOf(account)).documents).toHaveLength(1);
  });
});

describe('a charge that fails', () => {
  test('is tried on days 0, 1, 3, 5 and 7 with a mail each; then Free holds and nothing is lost', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    const heard = await listen(account);
    await control('/rules', { charge_outcome: 'failed' });
    const boundary = nextBoundary();
    const files = await database().apiKey.query.byAccount({ accountId: account.id }).go();
    for (const [index, days] of [0, 1, 3, 5, 7].entries()) {
      expect(await planOf(account)).toBe('pro');
      await renewAt(boundary + days * day + days * 60_000);
      expect(await chargesOf(mandateId)).toHaveLength(index + 1);
    }
    expect(await planOf(account)).toBe('free');
    const told = await heard();
    const failures = told.filter(({ type }) => type === 'invoice.payment_failed');
    const attempts = failures.map(({ data }) => Number(data.attempt));
    expect(attempts.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    const updates = told.filter(({ type }) => type === 'subscription.updated');
    expect(updates.map(({ data }) => `${data.plan} ${data.status}`).toSorted()).toEqual([
      'free active',
      'pro active',
      'pro past_due',
    ]);
    await mailTo(account.email, 'Your plan has ended');
    const count = async () =>
      (await mailsTo(account.email)).filter(({ subject }) => /^Not paid/.test(subject)).length;
    await expect.poll(count, { timeout: 20_000 }).toBe(4);
    const { documents, sum } = await booksOf(account);
    expect(documents.map(({ kind }) => kind).toSorted()).toEqual([
      'credit_note',
      'invoice',
      'invoice',
    ]);
    expect([sum('bank'), sum('receivable')]).toEqual([149_900, 0]);
    expect(await database().apiKey.query.byAccount({ accountId: account.id }).go()).toEqual(files);
    expect(await billing.confirmMandate(mandateId)).toBe('ended');
  }, 120_000);

  test('is settled by hand in between, and the plan is active again', async () => {
    const account = await customerOnPro();
    await allowMandate(account);
    await control('/rules', { charge_outcome: 'failed' });
    await renewAt(nextBoundary());
    const heard = await listen(account);
    const { orderId, url } = await buy(account);
    await click(url, 'success');
    expect(await billing.confirmOrder(orderId)).toBe('settled');
    expect(await statusOf(account)).toMatchObject({ isOpen: false });
    await billing.runBilling();
    expect((await heard()).map(({ type }) => type).toSorted()).toEqual([
      'invoice.paid',
      'subscription.updated',
    ]);
  });

  test('is settled by another mandate at once', async () => {
    const account = await customerOnPro();
    await allowMandate(account);
    await control('/rules', { charge_outcome: 'failed' });
    await renewAt(nextBoundary());
    expect(await statusOf(account)).toMatchObject({ isOpen: true, attempt: 1 });
    await control('/rules', { charge_outcome: 'success' });
    const second = await allowMandate(account);
    await expect.poll(() => statusOf(account)).toMatchObject({ isOpen: false });
    await expectOneRenewal(account, second);
  });

  test('because the customer ended the mandate leaves them to pay by hand', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await control('/rules', { hold_webhooks: true });
    await control(`/subscriptions/${mandateId}`, { status: 'CUSTOMER_CANCELLED' });
    await renewAt(nextBoundary());
    expect(await chargesOf(mandateId)).toEqual([]);
    const left = await statusOf(account);
    expect(left).toMatchObject({ isOpen: true, attempt: 1, mandate: undefined });
  });

  test('late, after the plan has lapsed, goes back when the bank takes it after all', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await control('/rules', { charge_outcome: 'pending', hold_webhooks: true });
    await renewAt(nextBoundary());
    await renewAt(nextBoundary() + 9 * day);
    expect(await planOf(account)).toBe('free');
    type Payments = { payments: Record<string, { subscription_id?: string; status: string }> };
    const { payments } = await control<Payments>('/state');
    const [id] =
      Object.entries(payments).find(
        ([, one]) => one.subscription_id === mandateId && one.status === 'PENDING',
      ) ?? [];
    await control(`/payments/${id}`, { outcome: 'success' });
    await billing.runBilling();
    await billing.runBilling();
    const { kinds, sum } = await booksOf(account);
    expect([kinds('unapplied_payment'), kinds('unapplied_refund')]).toEqual([1, 1]);
    expect([sum('bank'), sum('unapplied')]).toEqual([149_900, 0]);
  });
});
