import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { receiverPlace } from './receiver.ts';
import { newAccount, stack } from './stack.ts';

// Billing is tested through the running stack: its database, its stand-in for Cashfree, and the web
// process that receives the webhooks. The services run in the test's process as well, and race it.
export const billing = await import('#server/modules/billing/service.ts');
const { findAccount } = await import('#server/modules/account/service.ts');
export const { database } = await import('#server/database.ts');
export const { clock } = await import('#server/platform/clock.ts');

export const realNow = Date.now.bind(Date);

/** The time and the behaviour of the stand-in as they were. */
export async function restoreBilling(): Promise<void> {
  clock.now = () => realNow();
  await control('/clock', { is_real: true });
  await control('/rules', {
    hold_webhooks: false,
    duplicates: 0,
    charge_outcome: 'success',
    refund_outcome: 'success',
    fail_calls: 0,
    fail_after: false,
  });
}

/** Where Cashfree sends its webhooks. */
export const hook = `http://127.0.0.1:${new URL(stack.url).port}/api/payments/cashfree`;

/** Steers the stand-in. */
export async function control<T = unknown>(path: string, body?: object): Promise<T> {
  const response = await fetch(`${stack.addresses.cashfree}/_control${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  assert.equal(response.status, 200);
  return (await response.json()) as T;
}

export async function customer() {
  const { id } = await newAccount();
  const account = await findAccount(id);
  if (!account) throw new Error('the account was not made');
  return account;
}

export type Customer = Awaited<ReturnType<typeof customer>>;

export const buy = (account: Customer, plan?: 'pro' | 'enterprise') =>
  billing.startCheckout(account, {
    plan,
    phone: '9999999999',
    returnUrl: `${stack.url}/dashboard/billing`,
  });

/** Clicks a button of the checkout page. */
export function click(url: string | undefined, outcome: string) {
  const body = new URLSearchParams({ outcome });
  return fetch(url ?? '', { method: 'POST', body, redirect: 'manual' });
}

/** The end of the first cycle of somebody who buys now, and some seconds. */
export const nextBoundary = () => realNow() + 30 * 86_400_000 + 5_000;

/** Lets the schedulers see a later time; mails and whatever else is to be done have the real one. */
export async function passTimeTo(moment: number): Promise<void> {
  clock.now = () => moment;
  await billing.passTime().finally(() => {
    clock.now = () => realNow();
  });
}

/** Renewal, charge and what follows, with every webhook of Cashfree lost. */
export async function renewAt(moment: number): Promise<void> {
  await passTimeTo(moment);
  await billing.runBilling();
  await billing.runBilling();
}

/** A customer who has bought Pro. */
export async function customerOnPro(): Promise<Customer> {
  const account = await customer();
  const { orderId, url } = await buy(account, 'pro');
  await click(url, 'success');
  assert.equal(await billing.confirmOrder(orderId), 'settled');
  return account;
}

/** Allows automatic payments, as the customer does on the checkout page. */
export async function allowMandate(account: Customer): Promise<string> {
  const returnUrl = `${stack.url}/dashboard/billing?mandate_id={subscription_id}`;
  const { mandateId, url } = await billing.startMandate(account, {
    phone: '9999999999',
    returnUrl,
  });
  await click(url, 'success');
  assert.equal(await billing.confirmMandate(mandateId), 'active');
  return mandateId;
}

type Charge = {
  cf_payment_id: string;
  payment_id?: string;
  subscription_id?: string;
  status: string;
  type: string;
};

/** Every charge that the stand-in knows of a mandate. */
export async function chargesOf(mandateId: string): Promise<Charge[]> {
  const { payments } = await control<{ payments: Record<string, Charge> }>('/state');
  return Object.values(payments).filter(
    (one) => one.subscription_id === mandateId && one.type === 'CHARGE',
  );
}

/**
 * An endpoint that nobody answers at; what it was to hear stays in its deliveries. Of what was booked
 * before, another process may be telling just now.
 */
export async function listen({ id: accountId }: Customer) {
  const { createEndpoint } = await import('#server/modules/webhook/service.ts');
  const { data: before } = await database()
    .billingEffect.query.byAccount({ accountId })
    .go({ pages: 'all', consistent: true });
  const known = new Set(before.map(({ eventId }) => eventId));
  const { row } = await createEndpoint({ accountId, url: `${receiverPlace().origin}/billing` });
  return async () => {
    const { data } = await database()
      .webhookDelivery.query.byAccount({ accountId })
      .go({ pages: 'all', consistent: true });
    return data
      .filter(({ endpointId, eventId }) => endpointId === row.id && !known.has(eventId))
      .map(({ payload }) => JSON.parse(payload) as { type: string; data: Record<string, unknown> });
  };
}

export async function planOf({ id }: Customer) {
  const { data } = await database().account.get({ id }).go({ consistent: true });
  return data?.plan;
}

/** The books of an account, which add up to zero whenever anybody looks. */
export async function booksOf({ id: accountId }: Customer) {
  const all = { pages: 'all', consistent: true } as const;
  const [entries, documents] = await Promise.all([
    database().ledgerEntry.query.byAccount({ accountId }).go(all),
    database().billingDocument.query.byAccount({ accountId }).go(all),
  ]);
  const lines = entries.data.flatMap((entry) => entry.lines);
  const sum = (account: string) =>
    lines.reduce((total, line) => total + (line.account === account ? line.amount : 0), 0);
  assert.equal(
    lines.reduce((total, { amount }) => total + amount, 0),
    0,
  );
  const kinds = (kind: string) => entries.data.filter((entry) => entry.kind === kind).length;
  return { documents: documents.data, sum, kinds };
}

/** The webhook of an order as it was sent, to be sent again. */
export async function sentWebhook(orderId: string, type = 'PAYMENT_SUCCESS_WEBHOOK') {
  const { webhooks } = await control<{ webhooks: { type: string; body: string }[] }>('/state');
  const one = webhooks.find((sent) => sent.type === type && sent.body.includes(orderId));
  if (!one) throw new Error(`no ${type} of ${orderId} was sent`);
  return one.body;
}

/** Signs a webhook as Cashfree does. */
export function signWebhook(
  body: string,
  { secret = stack.env.CASHFREE_CLIENT_SECRET ?? '', age = 0 } = {},
) {
  const timestamp = String(realNow() - age);
  const signature = createHmac('sha256', secret)
    .update(timestamp + body)
    .digest('base64');
  return { 'x-webhook-signature': signature, 'x-webhook-timestamp': timestamp };
}

export function post(body: string, how: Parameters<typeof signWebhook>[1] = {}) {
  return fetch(hook, { method: 'POST', body, headers: signWebhook(body, how) });
}
