import { afterEach, expect, test } from 'vitest';
import {
  allowMandate,
  billing,
  booksOf,
  buy,
  type Customer,
  click,
  control,
  customer,
  customerOnPro,
  database,
  listen,
  passTimeTo,
  planOf,
  post,
  restoreBilling,
  sentWebhook,
} from '../support/billing.ts';
import { dieAfter } from '../support/crash.ts';
import { decide, raise } from '../support/disputes.ts';
import { mailsTo, mailTo } from '../support/mails.ts';

afterEach(restoreBilling);

/** Somebody has paid, and no webhook tells us. */
async function paidOrder(account: Customer): Promise<string> {
  await control('/rules', { hold_webhooks: true });
  const { orderId, url } = await buy(account, 'pro');
  await click(url, 'success');
  return orderId;
}

const statusOf = async (id: string) =>
  (await database().billingOrder.get({ id }).go({ consistent: true })).data?.status;

test('a payment whose granting is killed after any write is granted once, by one look of the reconciler', async () => {
  let writes = 0;
  const told: { email: string; number: string }[] = [];
  for (let wasKilled = true; wasKilled; ) {
    writes += 1;
    const account = await customer();
    const heard = await listen(account);
    const orderId = await paidOrder(account);
    wasKilled = await dieAfter(writes, () => billing.confirmOrder(orderId));
    await billing.runBilling();
    expect([await planOf(account), await statusOf(orderId)]).toEqual(['pro', 'settled']);
    const { documents, kinds, sum } = await booksOf(account);
    expect(documents.map(({ kind }) => kind)).toEqual(['invoice']);
    expect([kinds('invoice'), kinds('payment'), kinds('unapplied_payment')]).toEqual([1, 1, 0]);
    expect([sum('bank'), sum('receivable')]).toEqual([149_900, 0]);
    const types = (await heard()).map(({ type }) => type).toSorted();
    expect(types).toEqual(['invoice.paid', 'subscription.updated']);
    const news = await database().notification.query.byAccount({ accountId: account.id }).go();
    expect(news.data).toMatchObject([{ event: 'payment.succeeded', count: 1 }]);
    told.push({ email: account.email, number: documents[0]?.number ?? '' });
  }
  // The grant with its books, its two pieces of news with what each writes, and the order.
  expect(writes).toBeGreaterThan(5);
  for (const { email, number } of told) {
    await mailTo(email, `Paid: invoice ${number}`);
    expect(await mailsTo(email)).toHaveLength(1);
  }
}, 300_000);

/** Writes between two kills of a dispute; CRASH_STEP=1 tries every one. */
const crashStep = Number(process.env.CRASH_STEP ?? 3);

/** All that is left of a dispute, and of what came with it. */
async function remains(
  account: Customer,
  mandateId: string,
  heard: () => Promise<{ type: string }[]>,
) {
  const { id: accountId } = account;
  const all = { pages: 'all', consistent: true } as const;
  const { auditEvent, billingEffect, billingMandate, notification } = database();
  const [effects, log, mandate, news] = await Promise.all([
    billingEffect.query.byAccount({ accountId }).go(all),
    auditEvent.query.byAccount({ accountId }).go(all),
    billingMandate.get({ id: mandateId }).go({ consistent: true }),
    notification.query.byAccount({ accountId }).go(all),
  ]);
  const { documents, kinds, sum } = await booksOf(account);
  return {
    plan: await planOf(account),
    disputes: (await billing.listDisputes(account)).map(({ status }) => status),
    documents: documents.map(({ kind }) => kind).toSorted(),
    books: [kinds('refund'), sum('bank'), sum('receivable'), sum('revenue')],
    effects: effects.data
      .map(({ effect, status }) => `${JSON.parse(effect).type} ${status}`)
      .toSorted(),
    events: (await heard()).map(({ type }) => type).toSorted(),
    log: log.data.map(({ action }) => action).toSorted(),
    mandate: mandate.data?.status,
    news: news.data.map(({ count, title }) => `${count} ${title.replace(/\d/g, '')}`).toSorted(),
  };
}

/** A dispute is raised and lost; each time the process dies after so many writes, and Cashfree tells it again. */
async function loseDispute(writes: number, again: (body: string) => Promise<unknown>) {
  const account = await customerOnPro();
  const mandateId = await allowMandate(account);
  const heard = await listen(account);
  await control('/rules', { hold_webhooks: true });
  const id = await raise(account);
  let wasKilled = await dieAfter(writes, () => billing.confirmDispute(id));
  await again(await sentWebhook(id, 'DISPUTE_CREATED'));
  await decide(id, 'MERCHANT_LOST');
  wasKilled = (await dieAfter(writes, () => billing.confirmDispute(id))) || wasKilled;
  await again(await sentWebhook(id, 'DISPUTE_CLOSED'));
  return { email: account.email, wasKilled, left: () => remains(account, mandateId, heard) };
}

test('a dispute that is killed after any write ends as if nothing had been killed, each effect once', async () => {
  const patience = { timeout: 30_000 };
  const whole = await loseDispute(Number.POSITIVE_INFINITY, async () => {});
  // The sweeper of the stack may be at one of its effects.
  const isOver = async () => (await whole.left()).effects.every((one) => one.endsWith(' done'));
  await expect.poll(isOver, patience).toBe(true);
  const expected = await whole.left();
  expect(expected).toMatchObject({ plan: 'free', disputes: ['lost'], mandate: 'ended' });
  expect(expected.documents).toEqual(['credit_note', 'invoice']);
  expect(expected.books).toEqual([1, 0, 0, 0]);
  const told = [whole.email];
  let writes = 1;
  for (let wasKilled = true; wasKilled; writes += crashStep) {
    const again = told.length % 2 ? post : billing.runBilling;
    const round = await loseDispute(writes, again);
    await expect
      .poll(round.left, { ...patience, message: `killed after ${writes}` })
      .toEqual(expected);
    told.push(round.email);
    ({ wasKilled } = round);
  }
  expect(writes).toBeGreaterThan(1 + crashStep);
  for (const email of told) {
    await mailTo(email, 'A payment is disputed');
    await mailTo(email, 'A payment was taken back');
    const subjects = (await mailsTo(email)).map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(subjects.length);
  }
}, 300_000);

test('a cycle that ends at this very moment has ended, and a moment before it has not', async () => {
  const account = await customerOnPro();
  const { cycle } = await billing.readBilling(account);
  await passTimeTo(cycle.end - 1);
  expect((await booksOf(account)).documents).toHaveLength(1);
  await passTimeTo(cycle.end);
  const { documents } = await booksOf(account);
  expect(documents).toHaveLength(2);
  expect((await billing.readBilling(account)).cycle).toMatchObject({
    index: cycle.index + 1,
    start: cycle.end,
  });
});
