import { expect, test } from 'vitest';
import { fillAccount } from '../support/belongings.ts';
import { allowMandate, billing, control, customerOnPro, database } from '../support/billing.ts';
import { bearer, call, sessionOf } from '../support/callers.ts';
import { storedNames } from '../support/files.ts';
import { newAccount } from '../support/stack.ts';

async function addressOf(id: string): Promise<string> {
  const { data } = await database().account.get({ id }).go({ consistent: true });
  return data?.email ?? '';
}

test('an account takes a copy of everything of its own along, without secrets', async () => {
  const { id: accountId, key, keyId } = await newAccount();
  const me = await sessionOf(accountId);
  const made = await fillAccount(accountId);

  const { headers, json: copy } = await call('GET', '/users/me/export', me);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(copy.user).toMatchObject({ id: accountId, plan: 'free' });
  expect(copy.quota).toMatchObject({ limit: 250 });
  expect(copy.billing_details).toMatchObject({ address: '12 Residency Road, Bengaluru' });
  expect(copy.notification_preferences['key.created']).toMatchObject({ email: true });
  const idsOf = (name: string) => copy[name].map(({ id }: { id: string }) => id).sort();
  expect(idsOf('api_keys')).toEqual([keyId, made.apiKey].sort());
  expect(copy.api_keys).toContainEqual(
    expect.objectContaining({
      id: made.apiKey,
      allowed_addresses: ['192.0.2.1'],
      monthly_cap: 7,
      requests_per_minute: 8,
      expires_at: expect.stringMatching(/Z$/),
      last_used_at: null,
    }),
  );
  expect(copy.sessions).toMatchObject([{ is_current: true }]);
  expect(copy.push_subscriptions).toMatchObject([{ service: 'push.invalid' }]);
  expect(copy.webhook_endpoints).toMatchObject([
    { id: made.webhookEndpoint, url: 'https://nobody.invalid/hook' },
  ]);
  expect(idsOf('files')).toContain(made.file);
  expect(idsOf('jobs')).toContain(made.job);
  expect(copy.batches).toMatchObject([{ id: made.batch, items: [{ index: 0 }] }]);
  expect(copy.pipelines).toMatchObject([{ id: made.pipeline, steps: [{ id: 'page' }] }]);
  const counted = { tool: 'image-resize', key_id: null, calls: 1 };
  expect(copy.usage).toContainEqual(expect.objectContaining(counted));
  const byKey = { tool: null, key_id: made.apiKey, calls: 1 };
  expect(copy.usage).toContainEqual(expect.objectContaining(byKey));
  expect(idsOf('request_logs')).toEqual([made.requestLog]);
  expect(idsOf('invoices')).toEqual([made.invoice]);
  expect(idsOf('notifications')).toContain(made.notification);
  expect(copy.audit_log).toContainEqual(expect.objectContaining({ action: 'api_key.created' }));
  const message = {
    by: 'customer',
    text: 'Hello',
    files: [{ id: made.file }],
    job: { id: made.job },
  };
  expect(copy.conversations).toMatchObject([
    { id: made.conversation, subject: 'Fixture', messages: [message] },
  ]);
  const text = JSON.stringify(copy);
  for (const secret of [key, 'whsec_', 'secret-address', 'hash'])
    expect(text).not.toContain(secret);
});

test('a copy has every row of a list, however many pages it has', async () => {
  const { id: accountId } = await newAccount();
  const me = await sessionOf(accountId);
  const usage = await import('#server/modules/usage/service.ts');
  const logged = { accountId, tool: 'image-resize', status: 200, address: '127.0.0.1' };
  const sizes = { bytesIn: 0, bytesOut: 0, totalMs: 1, createdAt: Date.now() };
  for (let index = 0; index < 250; index++)
    usage.logRequest({ ...logged, ...sizes, requestId: `req_${index}` });
  await usage.flushUsage();
  const { json: copy } = await call('GET', '/users/me/export', me);
  const ids = copy.request_logs.map((row: { request_id: string }) => row.request_id);
  expect(new Set(ids).size).toBe(250);
});

test('what belongs to an account is gone with it', async () => {
  const { id: accountId, key } = await newAccount();
  const me = await sessionOf(accountId);
  const made = await fillAccount(accountId);
  const confirm = encodeURIComponent(await addressOf(accountId));
  const deleted = await call('DELETE', `/users/me?confirm=${confirm}`, me);
  expect(deleted.status, deleted.text).toBe(200);
  const { apiKey, conversation, message, session, webhookEndpoint } = database();
  const rows = await Promise.all([
    apiKey.query.byAccount({ accountId }).go({ consistent: true }),
    conversation.query.byAccount({ accountId }).go({ consistent: true }),
    message.query.byConversation({ conversationId: made.conversation ?? '' }).go(),
    session.query.byAccount({ accountId }).go({ consistent: true }),
    webhookEndpoint.query.byAccount({ accountId }).go({ consistent: true }),
  ]);
  expect(rows.map(({ data }) => data)).toEqual([[], [], [], [], []]);
  const left = async () => {
    const jobs = await database().job.query.byAccount({ accountId }).go({ consistent: true });
    return [jobs.data, await storedNames(accountId)];
  };
  await expect.poll(left, { timeout: 20_000, interval: 200 }).toEqual([[], []]);
  await expect
    .poll(async () => (await call('GET', '/usage', bearer(key))).status, { timeout: 6_000 })
    .toBe(401);
});

test('an account that is deleted is charged no more: its mandate is ended at the provider', async () => {
  const account = await customerOnPro();
  const mandateId = await allowMandate(account);
  const confirm = encodeURIComponent(account.email);
  const deleted = await call('DELETE', `/users/me?confirm=${confirm}`, await sessionOf(account.id));
  expect(deleted.status, deleted.text).toBe(200);
  const { subscriptions } = await control<Provider>('/state');
  expect(subscriptions[mandateId]?.status).toBe('CANCELLED');
  const { data: row } = await database().billing.get({ accountId: account.id }).go();
  expect(row?.queue).toBe('idle');
  const { rows } = await billing.listDocuments(account.id, { limit: 10 });
  expect(rows.length).toBeGreaterThan(0);
});

type Provider = { subscriptions: Record<string, { status: string }> };
