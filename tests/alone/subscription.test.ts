import { afterEach, describe, expect, test } from 'vitest';
import { click, control, customer, customerOnPro, restoreBilling } from '../support/billing.ts';
import { bearer, call } from '../support/callers.ts';
import { mailTo } from '../support/mails.ts';

afterEach(restoreBilling);

/** A key of an account that may read and change its plan. */
async function keyOf(accountId: string) {
  const { createApiKey } = await import('#server/modules/api-key/service.ts');
  const scopes = ['billing:read', 'billing:write'];
  return bearer((await createApiKey({ accountId, name: 'billing', mode: 'live', scopes })).key);
}

describe('the subscription', () => {
  test('is previewed, paid by an order and read, by a key alone', async () => {
    const as = await keyOf((await customer()).id);
    expect((await call('GET', '/subscription', as)).json).toMatchObject({ plan: 'free' });
    const preview = await call('POST', '/subscription/preview', as, { plan: 'pro' });
    expect(preview.json).toMatchObject({ kind: 'now', charge: 149_900 });
    await control('/rules', { hold_webhooks: true });
    const order = await call('POST', '/payments/orders', as, { plan: 'pro', phone: '9876543210' });
    expect(order.status).toBe(201);
    const path = `/payments/orders/${order.json.order_id}`;
    expect((await call('GET', path, as)).json).toMatchObject({ object: 'order', status: 'open' });
    await click(order.json.url, 'success');
    expect((await call('GET', path, as)).json).toMatchObject({
      amount: 149_900,
      status: 'settled',
    });
    expect((await call('GET', '/subscription', as)).json).toMatchObject({
      plan: 'pro',
      next_plan: 'pro',
      renews_automatically: false,
    });
  });

  test('is canceled for the end of the cycle, and kept after all; the log has each change', async () => {
    const account = await customerOnPro();
    const as = await keyOf(account.id);
    const canceled = await call('DELETE', '/subscription', as);
    expect(canceled.json).toMatchObject({ kind: 'at_cycle_end', plan: 'free', charge: 0 });
    const next = async () => (await call('GET', '/subscription', as)).json.next_plan;
    expect(await next()).toBe('free');
    expect((await call('PUT', '/subscription', as, { plan: 'pro' })).status).toBe(200);
    expect(await next()).toBe('pro');
    for (const subject of ['Your plan was canceled', 'You keep Pro'])
      await mailTo(account.email, subject);
    const dearer = await call('PUT', '/subscription', as, { plan: 'enterprise' });
    expect([dearer.status, dearer.json.code]).toEqual([409, 'conflict']);
    const { listEvents } = await import('#server/modules/audit/service.ts');
    const { rows } = await listEvents(account.id, { limit: 100 });
    const changes = rows.filter(({ action }) => /plan_changed|^subscription/.test(action));
    expect(
      changes
        .toReversed()
        .map(({ action, actorKind, after, before }) => [action, actorKind, before, after]),
    ).toEqual([
      ['account.plan_changed', 'system', '{"plan":"free"}', '{"plan":"pro"}'],
      ['subscription.canceled', 'key', '{"next_plan":"pro"}', '{"next_plan":"free"}'],
      ['subscription.changed', 'key', '{"next_plan":"free"}', '{"next_plan":"pro"}'],
    ]);
  });
});

test('invoices are read page by page, the newest first, and each once', async () => {
  const account = await customerOnPro();
  const as = await keyOf(account.id);
  const { database } = await import('#server/database.ts');
  const { data } = await database().billingDocument.query.byAccount({ accountId: account.id }).go();
  const [first] = data;
  if (!first) throw new Error('nothing was invoiced');
  for (let index = 1; index <= 4; index++) {
    const row = { ...first, id: `${first.id}-${index}`, issuedAt: first.issuedAt + index };
    await database().billingDocument.create(row).go();
  }
  const seen: string[] = [];
  let cursor = '';
  do {
    const { json } = await call('GET', `/invoices?limit=2${cursor}`, as);
    expect(json.data.length).toBeLessThanOrEqual(2);
    seen.push(...json.data.map(({ id }: { id: string }) => id));
    cursor = json.next_cursor ? `&cursor=${json.next_cursor}` : '';
  } while (cursor);
  expect(seen).toEqual([4, 3, 2, 1].map((index) => `${first.id}-${index}`).concat(first.id));
  expect((await call('GET', '/invoices?cursor=made.up', as)).status).toBe(422);
});
