import { afterEach, describe, expect, test } from 'vitest';
import {
  allowMandate,
  billing,
  booksOf,
  type Customer,
  chargesOf,
  control,
  customerOnPro,
  nextBoundary,
  planOf,
  post,
  renewAt,
  restoreBilling,
  sentWebhook,
} from '../support/billing.ts';
import { type Credentials, call, sessionOf } from '../support/callers.ts';
import { decide, raise, raiseOf } from '../support/disputes.ts';
import { mailTo } from '../support/mails.ts';
import { newAccount, stack } from '../support/stack.ts';

afterEach(restoreBilling);

const paid = 149_900;
const patience = { timeout: 30_000 };

async function admin(): Promise<Credentials> {
  const { updateAccount } = await import('#server/modules/account/service.ts');
  const { id } = await newAccount({ plan: 'enterprise' });
  await updateAccount(id, { role: 'admin' });
  return sessionOf(id);
}

const statusOf = async (account: Customer) => (await billing.listDisputes(account))[0]?.status;

async function paymentOf({ id }: Customer, as: Credentials) {
  const { json } = await call('GET', `/admin/payments?account_id=${id}`, as);
  return json.data[0] as { id: string; refundable: number; dispute: { status: string } | null };
}

describe('a dispute', () => {
  test('that is lost takes the money back, with a credit note, and the plan ends', async () => {
    const account = await customerOnPro();
    const id = await raise(account);
    await expect.poll(() => statusOf(account), patience).toBe('open');
    expect(await planOf(account)).toBe('pro');
    expect((await booksOf(account)).sum('bank')).toBe(paid);
    await decide(id, 'MERCHANT_LOST');
    await expect.poll(() => statusOf(account), patience).toBe('lost');
    expect(await planOf(account)).toBe('free');
    const { documents, kinds, sum } = await booksOf(account);
    expect([sum('bank'), sum('receivable'), sum('revenue')]).toEqual([0, 0, 0]);
    expect(kinds('refund')).toBe(1);
    expect(documents.map(({ kind }) => kind).toSorted()).toEqual(['credit_note', 'invoice']);
  });

  test('that is won changes nothing', async () => {
    const account = await customerOnPro();
    const before = await booksOf(account);
    const id = await raise(account);
    await decide(id, 'UNDER_REVIEW');
    await decide(id, 'MERCHANT_WON');
    await expect.poll(() => statusOf(account), patience).toBe('won');
    expect(await planOf(account)).toBe('pro');
    expect((await booksOf(account)).documents).toEqual(before.documents);
    expect((await booksOf(account)).sum('bank')).toBe(paid);
  });

  test('twenty times at once, and in the wrong order: each step counts once', async () => {
    const account = await customerOnPro();
    await control('/rules', { hold_webhooks: true });
    const id = await raise(account);
    const begin = await sentWebhook(id, 'DISPUTE_CREATED');
    await decide(id, 'MERCHANT_LOST');
    const end = await sentWebhook(id, 'DISPUTE_CLOSED');
    const bodies = Array.from({ length: 20 }, (_, index) => (index % 2 ? begin : end));
    const answers = await Promise.all(bodies.map((body) => post(body)));
    // A crowd may be told to come again; Cashfree does.
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    expect((await post(begin)).status).toBe(200);
    expect(await billing.listDisputes(account)).toMatchObject([
      { id, status: 'lost', amount: paid },
    ]);
    const { kinds, sum } = await booksOf(account);
    expect([kinds('refund'), sum('bank')]).toEqual([1, 0]);
  });

  test('that nobody signed, or that Cashfree does not know, is nothing', async () => {
    const account = await customerOnPro();
    await control('/rules', { hold_webhooks: true });
    const id = await raise(account);
    const body = await sentWebhook(id, 'DISPUTE_CREATED');
    expect((await post(body, { secret: 'guessed' })).status).toBe(401);
    expect((await post(body.replaceAll(id, '1'))).status).toBe(200);
    expect(await billing.listDisputes(account)).toEqual([]);
  });

  test('whose end no webhook tells is asked about until it is there', async () => {
    const account = await customerOnPro();
    const id = await raise(account);
    await expect.poll(() => statusOf(account), patience).toBe('open');
    await control('/rules', { hold_webhooks: true });
    await decide(id, 'MERCHANT_ACCEPTED');
    await billing.runBilling();
    expect(await statusOf(account)).toBe('lost');
  });

  test('that was won and begins again as a later stage can still be lost', async () => {
    const account = await customerOnPro();
    const id = await raise(account);
    await decide(id, 'MERCHANT_WON');
    await expect.poll(() => statusOf(account), patience).toBe('won');
    await decide(id, 'CREATED', 'PRE_ARBITRATION');
    await expect.poll(() => statusOf(account), patience).toBe('open');
    await decide(id, 'MERCHANT_LOST');
    await expect.poll(() => statusOf(account), patience).toBe('lost');
    expect(await planOf(account)).toBe('free');
  });

  test('of a part takes the part, and the plan goes on', async () => {
    const account = await customerOnPro();
    const id = await raise(account, { amount: 50_000 });
    await decide(id, 'MERCHANT_LOST');
    await expect.poll(() => statusOf(account), patience).toBe('lost');
    expect(await planOf(account)).toBe('pro');
    expect((await booksOf(account)).sum('bank')).toBe(paid - 50_000);
  });

  test('of an automatic renewal ends the plan, and nothing is charged any more', async () => {
    const account = await customerOnPro();
    const mandateId = await allowMandate(account);
    await renewAt(nextBoundary());
    const [charge] = await chargesOf(mandateId);
    const id = await raiseOf({ cf_payment_id: charge?.cf_payment_id });
    await decide(id, 'MERCHANT_LOST');
    await expect.poll(() => statusOf(account), patience).toBe('lost');
    expect(await planOf(account)).toBe('free');
    expect((await billing.readBilling(account)).mandate).toBeUndefined();
    expect((await booksOf(account)).sum('bank')).toBe(paid);
  });

  test('is told to the account and the operator, and both find it where they look', async () => {
    const [account, as] = [await customerOnPro(), await admin()];
    const id = await raise(account);
    const mail = await mailTo(account.email, 'A payment is disputed');
    expect(mail.text).toContain('₹1,499.00');
    const operator = stack.env.SUPPORT_EMAIL ?? '';
    const toAnswer = await mailTo(operator, `A payment is disputed: ${account.email}`);
    expect(toAnswer.text).toContain('Answer it at Cashfree');
    const { json } = await call('GET', '/admin/disputes', as);
    expect(json.data).toContainEqual(
      expect.objectContaining({ id, account_id: account.id, account_email: account.email }),
    );
    // What the bank may take is given back by nobody else.
    expect(await paymentOf(account, as)).toMatchObject({
      refundable: 0,
      dispute: { status: 'open' },
    });
    await decide(id, 'MERCHANT_LOST');
    await mailTo(account.email, 'A payment was taken back');
    const own = await sessionOf(account.id);
    const listed = await call('GET', '/disputes', own);
    expect(listed.json.data).toMatchObject([{ id, status: 'lost', amount: paid }]);
    const log = await call('GET', '/audit-logs', own);
    const actions = log.json.data.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(expect.arrayContaining(['payment.disputed', 'payment.dispute_lost']));
    const inbox = await call('GET', '/notifications', own);
    expect(inbox.json.data).toContainEqual(expect.objectContaining({ event: 'payment.disputed' }));
    const open = await call('GET', '/admin/disputes', as);
    expect(JSON.stringify(open.json)).not.toContain(account.id);
  });
});
