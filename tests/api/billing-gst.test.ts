import { describe, expect, test } from 'vitest';
import { billing, type Customer, customer, database } from '../support/billing.ts';
import { call, sessionOf } from '../support/callers.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';

const { forgetAccount } = await import('#server/modules/account/service.ts');
const { changeBilling, loadBilling } = await import('#server/modules/billing/store.ts');
const { previewChange } = await import('#server/modules/billing/clock/preview.ts');
const { invoiceToPrint } = await import('#server/modules/billing/invoices.ts');
const { printDocument } = await import('#server/modules/billing/print-document.ts');

const seller = {
  name: 'Nebula Private Limited',
  address: '1 Road, Pune',
  gstin: '27AAPFU0939F1ZV',
};
const near = { legal_name: 'Acme <b>', gstin: seller.gstin, address: '2 Road\nPune', state: '27' };
const far = { legal_name: 'Far Away', gstin: '29AAGCB7383J1Z4', address: 'Hubli', state: '29' };

/** Money that has come for a plan, to a seller who is registered. */
async function pay(account: Customer, plan: 'pro' | 'enterprise'): Promise<string> {
  const { state } = await loadBilling(account, seller);
  const preview = previewChange(state, plan, Date.now());
  if (preview.kind !== 'now') throw new Error('expected an upgrade');
  const { quote } = preview;
  const payment = { id: `ord_${account.id}/${plan}`, at: quote.at, amount: quote.charge, quote };
  const paid = await changeBilling(account, seller, { type: 'payment_succeeded', ...payment });
  return `${account.id}-${paid.state.cycle.index}`;
}

async function htmlOf(account: Customer, id: string, invoiceId = id): Promise<string> {
  const invoice = await billing.findDocument(account.id, invoiceId);
  return printDocument(
    await billing.findDocument(account.id, id),
    invoiceToPrint(invoice, account),
  );
}

describe('who is billed', () => {
  test('naming a buyer leaves the calls of the cycle counted', async () => {
    const account = await customer();
    // An account registers at any millisecond; billing counts in whole seconds.
    const cycleAnchor = Math.floor(account.cycleAnchor / 1000) * 1000 - 211;
    await database().account.patch({ id: account.id }).set({ cycleAnchor }).go();
    await forgetAccount(account.id);
    await leaveCalls(account.id, 7);
    const session = await sessionOf(account.id);
    const buyer = { legal_name: 'Acme', gstin: null, address: 'Pune', state: '27' };
    expect((await call('PUT', '/billing-details', session, buyer)).status).toBe(200);
    expect(await quotaLeft(account.id)).toBe(7);
  });

  test('decides between CGST with SGST and IGST, and each document keeps its own sides', async () => {
    const account = await customer();
    const session = await sessionOf(account.id);
    const name = (details: object) => call('PUT', '/billing-details', session, details);
    expect((await name(near)).json).toMatchObject({ buyer: near });
    const first = await pay(account, 'pro');
    const before = await htmlOf(account, first);
    expect((await name(far)).json).toMatchObject({ buyer: far });
    const second = await pay(account, 'enterprise');

    const { json } = await call('GET', '/invoices', session);
    type Facts = { id: string; object: string };
    const [one, other] = [first, second].map((id) =>
      json.data.find((each: Facts) => each.id === id),
    );
    expect(one).toMatchObject({ total: 149_900, taxable: 127_034, cgst: 11_433, sgst: 11_433 });
    expect([one.igst, one.buyer]).toEqual([0, near]);
    expect(other).toMatchObject({ total: 999_900, cgst: 0, sgst: 0, igst: 152_527, buyer: far });
    const note = json.data.find(({ object }: Facts) => object === 'credit_note');
    expect(note.igst).toBe(0);
    expect(note.cgst).toBe(note.sgst);

    await database().account.patch({ id: account.id }).set({ name: 'Somebody else' }).go();
    const renamed = { ...account, name: 'Somebody else' };
    expect(await htmlOf(renamed, first)).toBe(before);
    const text = 'Acme &lt;b&gt;<br>2 Road<br>Pune<br>Maharashtra<br>GSTIN 27AAPFU0939F1ZV';
    expect(before).toContain(text);
    expect(before).toContain('Nebula Private Limited<br>1 Road, Pune<br>GSTIN 27AAPFU0939F1ZV');
    expect(before).toContain('<dd>Maharashtra (27)</dd>');
    expect(await htmlOf(renamed, note.id, first)).toContain(text);
    expect(await htmlOf(renamed, second)).toContain('<dd>Karnataka (29)</dd>');
  });

  test('is taken with a GSTIN of its state alone, and every field is said', async () => {
    const session = await sessionOf((await customer()).id);
    const { json, status } = await call('PUT', '/billing-details', session, {
      ...far,
      gstin: '29AAGCB7383J1Z5',
    });
    expect([status, json.errors[0].path]).toEqual([422, 'gstin']);
    const wrongState = await call('PUT', '/billing-details', session, { ...far, state: '27' });
    expect([wrongState.status, wrongState.json.errors[0].path]).toEqual([422, 'state']);
    const { address: _none, ...rest } = far;
    expect((await call('PUT', '/billing-details', session, rest)).status).toBe(422);
    expect((await call('GET', '/billing-details', session)).json.buyer).toBeNull();
  });

  test('may be nobody in particular: the next invoice has the name of the account', async () => {
    const account = await customer();
    const id = await pay(account, 'pro');
    const invoice = await billing.findDocument(account.id, id);
    expect(invoice.content).toMatchObject({
      regime: 'cgst_sgst',
      parties: { seller, buyer: { name: account.name, email: account.email } },
    });
  });
});
