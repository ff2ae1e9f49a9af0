import { expect, test } from 'vitest';
import { fixtures } from '../support/access.ts';
import { allowMandate, billing, control, customerOnPro, database } from '../support/billing.ts';
import { bearer, call, sessionOf } from '../support/callers.ts';
import { storedNames } from '../support/files.ts';
import { newAccount } from '../support/stack.ts';

async function makeAll(accountId: string) {
  const made: Record<string, string> = {};
  for (const kind of ['apiKey', 'job', 'file', 'conversation', 'webhookEndpoint'])
    made[kind] = (await fixtures[kind]?.(accountId)) ?? '';
  return made;
}

async function addressOf(id: string): Promise<string> {
  const { data } = await database().account.get({ id }).go({ consistent: true });
  return data?.email ?? '';
}

test('an account takes a copy of its own along, and what belongs to it is gone with it', async () => {
  const { id: accountId, key } = await newAccount({ plan: 'enterprise' });
  const me = await sessionOf(accountId);
  const made = await makeAll(accountId);

  const { json: copy } = await call('GET', '/users/me/export', me);
  const idsOf = (name: string) => copy[name].map(({ id }: { id: string }) => id);
  expect(idsOf('api_keys')).toContain(made.apiKey);
  expect(idsOf('files')).toContain(made.file);
  expect(idsOf('jobs')).toEqual([made.job]);
  expect(copy.conversations).toMatchObject([
    { id: made.conversation, subject: 'Fixture', messages: [{ by: 'customer', text: 'Hello' }] },
  ]);
  expect(copy.invoices).toEqual([]);
  expect(copy.sessions).toHaveLength(1);
  expect(JSON.stringify(copy)).not.toContain(key);

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
