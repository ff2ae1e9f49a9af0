import { afterEach, expect, test } from 'vitest';
import {
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
  restoreBilling,
} from '../support/billing.ts';
import { dieAfter } from '../support/crash.ts';
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
