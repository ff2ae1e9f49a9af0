import { afterEach, describe, expect, test } from 'vitest';
import {
  billing,
  booksOf,
  buy,
  type Customer,
  click,
  clock,
  control,
  customer,
  planOf,
  realNow,
  restoreBilling,
} from '../support/billing.ts';
import { sessionOf } from '../support/callers.ts';
import { stack } from '../support/stack.ts';

const { findAccount } = await import('#server/modules/account/service.ts');

/** A webhook is on its way. */
const patient = { timeout: 50_000 };

afterEach(restoreBilling);

describe('a checkout', () => {
  test('that is paid brings the plan, one numbered invoice and books that balance', async () => {
    const account = await customer();
    const { amount, url } = await buy(account, 'pro');
    expect(amount).toBe(149_900);
    expect((await click(url, 'success')).headers.get('location')).toContain('/dashboard/billing');
    await expect.poll(() => planOf(account), patient).toBe('pro');
    const { documents, kinds, sum } = await booksOf(account);
    expect(documents).toHaveLength(1);
    expect(documents[0]?.number).toMatch(/^INV\/\d\d-\d\d\/\d{6}$/);
    expect([sum('bank'), sum('receivable'), kinds('payment')]).toEqual([149_900, 0, 1]);
  });

  test('that another process grants counts in this one at once, not when what it remembers is old', async () => {
    const { id } = await customer();
    const account = await findAccount(id);
    if (!account) throw new Error('the account was not made');
    const { url } = await buy(account, 'pro');
    // Time stands still here: nothing becomes old. The webhook goes to the web process.
    const moment = realNow();
    clock.now = () => moment;
    const planHere = async () => (await findAccount(id))?.plan;
    expect(await planHere()).toBe('free');
    await click(url, 'success');
    await expect.poll(planHere, { timeout: 50_000 }).toBe('pro');
  });

  test('that fails, is left or waits grants nothing; a second attempt may succeed', async () => {
    const account = await customer();
    const { orderId, url } = await buy(account, 'pro');
    for (const outcome of ['failed', 'dropped', 'pending']) {
      await click(url, outcome);
      expect(await billing.confirmOrder(orderId)).toBe('open');
    }
    expect(await planOf(account)).toBe('free');
    await click(url, 'success');
    await expect.poll(() => planOf(account), patient).toBe('pro');
  });

  test('of a dearer plan charges exactly what the preview says and credits the rest', async () => {
    const account = await customer();
    await click((await buy(account, 'pro')).url, 'success');
    await expect.poll(() => planOf(account), patient).toBe('pro');
    const moment = realNow() + 10 * 86_400_000;
    clock.now = () => moment;
    const preview = await billing.previewPlan(account, 'enterprise');
    if (preview.kind !== 'now') throw new Error('expected an upgrade');
    expect((await buy(account, 'enterprise')).amount).toBe(preview.quote.charge);
    expect(preview.quote.charge + preview.quote.credit).toBe(999_900);
    expect(preview.quote.credit).toBeGreaterThan(99_000);
  });

  test('of a plan that costs no more is refused', async () => {
    const account = await customer();
    await expect(
      billing.startCheckout(account, { plan: 'free', phone: '9999999999', returnUrl: stack.url }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a renewal', () => {
  test('by two schedulers at once makes one invoice; paid by hand it is settled', async () => {
    const account = await customer();
    await click((await buy(account, 'pro')).url, 'success');
    await expect.poll(() => planOf(account), patient).toBe('pro');
    const later = realNow() + 30 * 86_400_000 + 5_000;
    clock.now = () => later;
    await Promise.all([billing.runBilling(), billing.runBilling()]);
    const { documents, sum } = await booksOf(account);
    expect(documents).toHaveLength(2);
    expect(sum('receivable')).toBe(149_900);
    expect(await planOf(account)).toBe('pro');
    const state = await billing.readBilling(account);
    expect(state.dunning).toMatchObject({ attempt: 1, isCharging: false });
    await control('/clock', { now: new Date(later).toISOString() });
    const { amount, orderId, url } = await buy(account);
    expect(amount).toBe(149_900);
    await control('/rules', { hold_webhooks: true });
    await click(url, 'success');
    await billing.confirmOrder(orderId);
    expect((await billing.readBilling(account)).dunning).toBeUndefined();
    expect((await booksOf(account)).sum('receivable')).toBe(0);
  });

  test('that nobody pays ends in the Free limits after a week, with the books at zero', async () => {
    const account = await customer();
    await click((await buy(account, 'pro')).url, 'success');
    await expect.poll(() => planOf(account), patient).toBe('pro');
    const boundary = realNow() + 30 * 86_400_000 + 5_000;
    for (const day of [0, 1, 3, 5]) {
      clock.now = () => boundary + day * 86_400_000 + day;
      await billing.runBilling();
      expect(await planOf(account)).toBe('pro');
    }
    clock.now = () => boundary + 7 * 86_400_000 + 7;
    await billing.runBilling();
    expect(await planOf(account)).toBe('free');
    const { documents, sum } = await booksOf(account);
    expect([sum('receivable'), documents.length]).toEqual([0, 3]);
  });

  test('after a downgrade to Free does not happen', async () => {
    const account = await customer();
    await click((await buy(account, 'pro')).url, 'success');
    await expect.poll(() => planOf(account), patient).toBe('pro');
    expect(await billing.choosePlan(account, 'free')).toMatchObject({ kind: 'at_cycle_end' });
    clock.now = () => realNow() + 30 * 86_400_000 + 5_000;
    await billing.runBilling();
    expect(await planOf(account)).toBe('free');
    expect((await booksOf(account)).documents).toHaveLength(1);
  });
});

describe('the dashboard', () => {
  async function callAs(account: Customer, procedure: string, input?: object) {
    const base = `http://127.0.0.1:${new URL(stack.url).port}/api/trpc/billing.${procedure}`;
    const headers = {
      ...(await sessionOf(account.id)),
      'content-type': 'application/json',
    };
    const response = await fetch(base, {
      headers,
      ...(input ? { method: 'POST', body: JSON.stringify(input) } : {}),
    });
    return { body: (await response.json()) as TrpcAnswer };
  }
  type TrpcAnswer = {
    result?: { data: Record<string, unknown> };
    error?: { data: { error: { code: string } } };
  };

  test('buys a plan and confirms it when the customer comes back before the webhook', async () => {
    const account = await customer();
    await control('/rules', { hold_webhooks: true });
    const started = await callAs(account, 'startCheckout', { plan: 'pro', phone: '9999999999' });
    const { order_id, url } = started.body.result?.data ?? {};
    const back = await click(String(url), 'success');
    expect(back.headers.get('location')).toBe(
      `${stack.url}/dashboard/billing?order_id=${order_id}`,
    );
    const confirmed = await callAs(account, 'confirmOrder', { order_id });
    expect(confirmed.body.result?.data).toEqual({ status: 'settled' });
    const current = await callAs(account, 'current');
    expect(current.body.result?.data).toMatchObject({ plan: 'pro', unpaid_invoice: null });
  });

  test("confirms nobody else's order", async () => {
    const { orderId } = await buy(await customer(), 'pro');
    const stranger = await customer();
    const answer = await callAs(stranger, 'confirmOrder', { order_id: orderId });
    expect(answer.body.error?.data.error.code).toBe('not_found');
  });
});
