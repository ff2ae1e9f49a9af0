import { describe, expect, test } from 'vitest';
import { fillAccount } from '../support/belongings.ts';
import { leaveUnprocessed, onceBefore } from '../support/between.ts';
import { allowMandate, billing, control, customerOnPro, database } from '../support/billing.ts';
import { bearer, call, sessionOf } from '../support/callers.ts';
import { scanTable } from '../support/secrets.ts';
import { newAccount, postJson } from '../support/stack.ts';

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
  const kinds = copy.sessions.map(({ kind }: { kind: string }) => kind);
  expect(kinds.sort()).toEqual(['browser', 'token']);
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

/** Rows that the law wants to be kept. */
const books = [
  'billing',
  'billingDocument',
  'billingEffect',
  'billingMandate',
  'billingOrder',
  'ledgerEntry',
];
/** Rows that go by themselves: the audit log after 400 days, the others after a day at most. */
const passing = ['auditEvent', 'file', 'idempotency', 'mailToken', 'realtimeEvent'];

/** Every object of an account in the store. */
async function objectsOf(accountId: string): Promise<string[]> {
  const { listFolder } = await import('#server/platform/s3.ts');
  const keys: string[] = [];
  for (const place of ['files', 'jobs', 'results/free', 'replays'])
    for await (const { key } of listFolder(`${place}/${accountId}/`)) keys.push(key);
  return keys;
}

/** What is stored that names an account, by its kind; rows that go by themselves say when. */
async function leftOf(accountId: string, scanned = scanTable(accountId)): Promise<string[]> {
  const rows = (await scanned).filter((row) => JSON.stringify(row).includes(accountId));
  const kindOf = (row: (typeof rows)[number]) => {
    const kind = row.__edb_e__?.S ?? '';
    // Until no address of it takes bytes any more, the sweeper has a file that was deleted in view.
    const isWatched = row.watch?.S === 'held' && row.status?.S === 'deleted';
    return passing.includes(kind) && !row.expiresAt && !isWatched ? `${kind} for ever` : kind;
  };
  return [...new Set(rows.map(kindOf))].sort();
}

test('nothing is left of a deleted account but its books, its audit log and what is gone in a day', async () => {
  const { id: accountId, key } = await newAccount();
  const me = await sessionOf(accountId);
  const direct = { accept: 'application/json', 'idempotency-key': accountId };
  const made = await postJson('html-to-pdf', key, { html: '<p>direct' }, direct);
  expect(made.status, await made.text()).toBe(200);
  await fillAccount(accountId);
  expect(await objectsOf(accountId)).not.toEqual([]);
  const before = await leftOf(accountId);
  for (const kind of [
    'pipeline',
    'keyCount',
    'notificationSettings',
    'pushSubscription',
    'usage',
    'ownerDevice',
    'webhookEndpoint',
  ])
    expect(before).toContain(kind);

  const confirm = encodeURIComponent(await addressOf(accountId));
  const deleted = await call('DELETE', `/users/me?confirm=${confirm}`, me);
  expect(deleted.status, deleted.text).toBe(200);
  const unexpected = async () => [
    ...(await leftOf(accountId)).filter((kind) => ![...books, ...passing].includes(kind)),
    ...(await objectsOf(accountId)),
  ];
  await expect.poll(unexpected, { timeout: 80_000, interval: 500 }).toEqual([]);
  // Once more by every word of every row, which takes its time.
  const left = await leftOf(accountId, scanTable());
  expect(left).toContain('billingDocument');
  expect(left.filter((kind) => ![...books, ...passing].includes(kind))).toEqual([]);
  await expect
    .poll(async () => (await call('GET', '/usage', bearer(key))).status, { timeout: 6_000 })
    .toBe(401);
}, 120_000);

test('a job that ends later than its account tells nobody, and leaves nothing behind', async () => {
  const { id } = await newAccount();
  const { deleteAccount } = await import('#server/modules/account/service.ts');
  await deleteAccount(id, { actor: { kind: 'system' } });
  const { emitEvent } = await import('#server/modules/webhook/service.ts');
  await emitEvent(id, 'job.canceled', {}, { url: 'https://nobody.invalid/job' });
  const left = await leftOf(id);
  expect(left.filter((kind) => kind.startsWith('webhook'))).toEqual([]);
});

/** A conversation of an account, and how many of its messages are stored. */
async function conversationOf(id: string) {
  const { findAccount } = await import('#server/modules/account/service.ts');
  const support = await import('#server/modules/support/service.ts');
  const author = await findAccount(id);
  if (!author) throw new Error(`There is no account ${id}.`);
  const written = { side: 'customer' as const, author, text: 'Hello', fileIds: [] };
  const row = await support.beginConversation('Fixture', written);
  const stored = async () => {
    const query = database().message.query.byConversation({ conversationId: row.id });
    return (await query.go({ pages: 'all', consistent: true })).data.length;
  };
  return { id: row.id, stored, write: () => support.postMessage(row, written) };
}

describe('no message to the support outlives its account', () => {
  test('that is written while the others are removed', async () => {
    const { id } = await newAccount();
    const { id: conversationId, stored, write } = await conversationOf(id);
    const isOurs = ({ name, text }: { name: string; text: string }) =>
      name.startsWith('BatchWrite') && text.includes(conversationId);
    onceBefore(isOurs, write);
    const { deleteConversations } = await import('#server/modules/support/service.ts');
    await deleteConversations(id);
    expect(await stored()).toBe(0);
  });

  test('that the database has left unprocessed', async () => {
    const { id } = await newAccount();
    const { id: conversationId, stored } = await conversationOf(id);
    leaveUnprocessed(
      ({ name, text }) => name.startsWith('BatchWrite') && text.includes(conversationId),
    );
    const { deleteConversations } = await import('#server/modules/support/service.ts');
    await deleteConversations(id);
    expect(await stored()).toBe(0);
  });

  test('that begins a conversation just before the account is gone', async () => {
    const { id } = await newAccount();
    const begun = Promise.withResolvers<Awaited<ReturnType<typeof conversationOf>>>();
    onceBefore(
      ({ name, text }) =>
        name.startsWith('TransactWrite') && text.includes(id) && text.includes('account.deleted'),
      async () => begun.resolve(await conversationOf(id)),
    );
    const { findAccount } = await import('#server/modules/account/service.ts');
    const account = await findAccount(id);
    if (!account) throw new Error(`There is no account ${id}.`);
    const { closeAccount } = await import('#server/modules/auth/close-account.ts');
    await closeAccount(account, { actor: { kind: 'system' } });
    const { stored } = await begun.promise;
    await expect.poll(stored, { timeout: 30_000 }).toBe(0);
  });
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
