import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import { newAccount, stack } from './stack.ts';

// Billing is tested through the running stack: its database, its stand-in for Cashfree, and the web
// process that receives the webhooks. The services run in the test's process as well, and race it.
Object.assign(process.env, stack.env);
export const billing = await import('#server/modules/billing/service.ts');
const { findAccount } = await import('#server/modules/account/service.ts');
export const { database } = await import('#server/database.ts');
export const { clock } = await import('#server/platform/clock.ts');

export const realNow = Date.now.bind(Date);

/** The time and the behaviour of the stand-in as they were. */
export async function restoreBilling(): Promise<void> {
  clock.now = () => realNow();
  await control('/clock', { is_real: true });
  await control('/rules', { hold_webhooks: false, duplicates: 0, refund_outcome: 'success' });
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
  expect(response.status).toBe(200);
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
  expect(lines.reduce((total, { amount }) => total + amount, 0)).toBe(0);
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
