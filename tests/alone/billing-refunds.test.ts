import { afterEach, describe, expect, test } from 'vitest';
import {
  billing,
  booksOf,
  type Customer,
  control,
  customerOnPro,
  planOf,
  restoreBilling,
} from '../support/billing.ts';
import { type Credentials, call, sessionOf } from '../support/callers.ts';
import { mailTo } from '../support/mails.ts';
import { newAccount } from '../support/stack.ts';

afterEach(restoreBilling);

const paid = 149_900;

async function admin(): Promise<Credentials> {
  const { updateAccount } = await import('#server/modules/account/service.ts');
  const { id } = await newAccount({ plan: 'enterprise' });
  await updateAccount(id, { role: 'admin' });
  return sessionOf(id);
}

async function paymentOf({ id }: Customer, as: Credentials) {
  const { json } = await call('GET', `/admin/payments?account_id=${id}`, as);
  return json.data[0] as { id: string; amount: number; refunded: number; refundable: number };
}

/** Asks for a refund of the only payment. */
async function refund(account: Customer, as: Credentials, amount: number, reference: string) {
  const { id } = await paymentOf(account, as);
  const body = { account_id: account.id, payment_id: id, amount, reference };
  return call('POST', '/admin/refunds', as, body);
}

/** Asked again, it is not given again: the answer says what has become of it. */
async function endOf(...asked: Parameters<typeof refund>) {
  const ask = async () => (await refund(...asked)).json;
  await expect.poll(async () => (await ask()).status, { timeout: 20_000 }).not.toBe('pending');
  return ask();
}

describe('a refund by an admin', () => {
  test('brings a credit note that names its invoice, books that balance, and no other plan', async () => {
    const [account, as] = [await customerOnPro(), await admin()];
    expect((await refund(account, as, 50_000, 'goodwill')).status).toBe(201);
    const json = await endOf(account, as, 50_000, 'goodwill');
    expect(json).toMatchObject({ object: 'refund', amount: 50_000, status: 'done' });
    expect(json.credit_note_id).toBe(json.id);
    const { documents, kinds, sum } = await booksOf(account);
    expect([sum('bank'), sum('receivable'), kinds('refund')]).toEqual([paid - 50_000, 0, 1]);
    const note = documents.find(({ kind }) => kind === 'credit_note');
    expect(note?.number).toMatch(/^CRN\//);
    expect(await paymentOf(account, as)).toMatchObject({ refunded: 50_000, refundable: 99_900 });
    expect(await planOf(account)).toBe('pro');
    await mailTo(account.email, 'Refunded: ₹500.00');

    const session = await sessionOf(account.id);
    const listed = await call('GET', '/invoices', session);
    const invoice = listed.json.data.find(({ object }: { object: string }) => object === 'invoice');
    expect(listed.json.data).toContainEqual(
      expect.objectContaining({ id: json.id, total: 50_000, invoice_id: invoice.id }),
    );
    const { invoiceToPrint } = await import('#server/modules/billing/invoices.ts');
    const { printDocument } = await import('#server/modules/billing/print-document.ts');
    const found = await billing.findDocument(account.id, json.id);
    const whole = await billing.findDocument(account.id, invoice.id);
    const printed = printDocument(found, invoiceToPrint(whole, account));
    expect(printed).toContain(`<dd>${invoice.number}</dd>`);
    const pdf = await call('GET', `/invoices/${json.id}/pdf`, session);
    expect([pdf.status, pdf.text.slice(0, 5)]).toEqual([200, '%PDF-']);
    const log = await call('GET', '/audit-logs', session);
    expect(log.json.data[0]).toMatchObject({ action: 'subscription.refunded' });
  });

  test('twenty times at once under one reference gives the money back once', async () => {
    const [account, as] = [await customerOnPro(), await admin()];
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refund(account, as, 10_000, 'same')),
    );
    // A crowd may be told to come again.
    expect(answers.every(({ status }) => status === 201 || status === 503)).toBe(true);
    expect((await endOf(account, as, 10_000, 'same')).status).toBe('done');
    expect(await paymentOf(account, as)).toMatchObject({ refunded: 10_000, refundable: 139_900 });
    expect((await booksOf(account)).kinds('refund')).toBe(1);
    expect((await refund(account, as, 20_000, 'same')).status).toBe(409);
  });

  test('never comes to more than was paid, however many race', async () => {
    const [account, as] = [await customerOnPro(), await admin()];
    expect((await refund(account, as, paid + 1, 'too much')).status).toBe(409);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => refund(account, as, 60_000, `race ${index}`)),
    );
    const taken = answers.filter(({ status }) => status === 201);
    expect(taken.length).toBeLessThanOrEqual(2);
    const ends = [];
    for (let index = 0; index < 8; index++)
      ends.push((await endOf(account, as, 60_000, `race ${index}`)).status);
    // The others are refused, and their status is that of the answer.
    expect(ends.toSorted()).toEqual([...Array(6).fill(409), 'done', 'done']);
    expect(await paymentOf(account, as)).toMatchObject({ refunded: 120_000, refundable: 29_900 });
    expect((await booksOf(account)).sum('bank')).toBe(29_900);
  });

  test('that Cashfree cancels leaves the payment as it was', async () => {
    const [account, as] = [await customerOnPro(), await admin()];
    await control('/rules', { refund_outcome: 'cancelled' });
    expect(await endOf(account, as, paid, 'cancelled')).toMatchObject({
      status: 'failed',
      credit_note_id: null,
    });
    expect(await paymentOf(account, as)).toMatchObject({ refunded: 0, refundable: paid });
    expect((await booksOf(account)).kinds('refund')).toBe(0);
  });

  test('is for admins alone', async () => {
    const account = await customerOnPro();
    const own = await sessionOf(account.id);
    expect((await call('GET', `/admin/payments?account_id=${account.id}`, own)).status).toBe(403);
  });
});
