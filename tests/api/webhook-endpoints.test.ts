import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Credentials, call, sessionOf } from '../support/callers.ts';
import { dieAfter } from '../support/crash.ts';
import { expectProblem } from '../support/problem.ts';
import { newAccount } from '../support/stack.ts';
import { deliveriesTo, emit, newEndpoint } from '../support/webhooks.ts';

// A name without an address: what is sent there leaves nothing but a failed attempt.
const url = 'https://nobody.invalid/hook';
const testId = 'we_01JD8Y3K5M7N9P1Q3R5S7T9V1W';

let accountId: string;
let me: Credentials;
beforeAll(async () => {
  ({ id: accountId } = await newAccount({ plan: 'enterprise' }));
  me = await sessionOf(accountId);
});

const create = (body: Record<string, unknown>) => call('POST', '/webhook-endpoints', me, body);
const change = (id: string, body: Record<string, unknown>) =>
  call('PATCH', `/webhook-endpoints/${id}`, me, body);

describe('POST /webhook-endpoints', () => {
  test('shows the secret once, and the endpoint as it was asked for', async () => {
    const settings = { url, events: ['job.failed', 'job.succeeded'], description: 'CI' };
    const { json, status } = await create(settings);
    expect(status).toBe(201);
    expect(json).toMatchObject({ ...settings, object: 'webhook_endpoint', is_enabled: true });
    expect(json.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { json: list, text } = await call('GET', '/webhook-endpoints', me);
    const { secret, ...shown } = json;
    expect(list.data).toContainEqual(shown);
    expect(text).not.toContain(secret.slice(6));
  });

  test('stores the secret sealed, and logs the endpoint without it', async () => {
    const { id, secret } = await newEndpoint(me, { url });
    const { database } = await import('#server/database.ts');
    const { data } = await database().webhookEndpoint.get({ accountId, id }).go();
    expect(JSON.stringify(data)).not.toContain(secret.slice(6, 40));
    const { text } = await call('GET', '/audit-logs', me);
    expect(text).toContain('webhook_endpoint.created');
    expect(text).toContain(id);
    expect(text).not.toContain(secret.slice(6, 40));
  });

  test.each([
    'http://127.0.0.1/',
    'http://localhost/hook',
    'http://[::1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/',
    'http://0x7f.1/',
    'https://[::ffff:192.168.0.1]/',
    'http://metadata.google.internal/',
    'http://example.com:8080/',
    'ftp://example.com/',
  ])('refuses %s', async (forbidden) => {
    const reply = await create({ url: forbidden });
    const problem = expectProblem(reply, reply.text, 'url_forbidden');
    expect(problem.param).toBe('url');
  });

  test.each<[string, string, unknown]>([
    ['an address that is none', 'url', 'example'],
    ['an address with a password', 'url', 'https://a:b@example.com/'],
    ['no address', 'url', ''],
    ['an address of 2049 characters', 'url', `https://example.com/${'x'.repeat(2_030)}`],
    ['an unknown type', 'events', ['job.finished']],
    ['the test type', 'events', ['webhook.test']],
    ['a description of 201 characters', 'description', 'x'.repeat(201)],
    ['a switch that is none', 'is_enabled', 'yes'],
    ['a secret of the own', 'secret', 'whsec_AAAA'],
  ])('refuses %s, and names the field', async (_what, field, value) => {
    const reply = await create({ url, [field]: value });
    const problem = expectProblem(reply, reply.text, 'invalid_input');
    expect(problem.param).toMatch(new RegExp(`^${field}`));
  });

  test('refuses more endpoints than an account may have', async () => {
    const { id } = await newAccount({ plan: 'enterprise' });
    const other = await sessionOf(id);
    for (let made = 0; made < 20; made++) await newEndpoint(other, { url });
    const reply = await call('POST', '/webhook-endpoints', other, { url });
    expectProblem(reply, reply.text, 'conflict');
  });

  test('makes no more than that of many at once, and another for one that was deleted', async () => {
    const { id } = await newAccount({ plan: 'enterprise' });
    const other = await sessionOf(id);
    const replies = await Promise.all(
      Array.from({ length: 26 }, () => call('POST', '/webhook-endpoints', other, { url })),
    );
    const made = replies.filter(({ status }) => status === 201);
    expect(made).toHaveLength(20);
    expect((await call('GET', '/webhook-endpoints', other)).json.data).toHaveLength(20);
    await call('DELETE', `/webhook-endpoints/${made[0]?.json.id}`, other);
    await newEndpoint(other, { url });
    const full = await call('POST', '/webhook-endpoints', other, { url });
    expectProblem(full, full.text, 'conflict');
  });
});

describe('PATCH /webhook-endpoints/{id}', () => {
  test('changes what is named and nothing else', async () => {
    const { id } = await newEndpoint(me, { url, description: 'one', events: ['invoice.paid'] });
    const { json, status } = await change(id, { description: 'two' });
    expect(status).toBe(200);
    expect(json).toMatchObject({ url, description: 'two', events: ['invoice.paid'] });
    expect((await change(id, { description: null, events: [] })).json).toMatchObject({
      description: null,
      events: [],
    });
  });

  test('refuses an address that is not public', async () => {
    const { id } = await newEndpoint(me, { url });
    const reply = await change(id, { url: 'http://192.168.1.1/' });
    expectProblem(reply, reply.text, 'url_forbidden');
  });

  test('switches an endpoint off, and then nothing is written for it', async () => {
    const { id } = await newEndpoint(me, { url });
    const { json } = await change(id, { is_enabled: false });
    expect(json).toMatchObject({ is_enabled: false, disabled_reason: 'owner' });
    await emit(accountId);
    expect(await deliveriesTo(me, id)).toEqual([]);
    const tried = await call('POST', `/webhook-endpoints/${id}/test`, me, {});
    expectProblem(tried, tried.text, 'conflict');
    expect((await change(id, { is_enabled: true })).json).toMatchObject({
      is_enabled: true,
      disabled_reason: null,
    });
  });

  test('says that what does not exist does not', async () => {
    const reply = await change(testId, { description: 'x' });
    expectProblem(reply, reply.text, 'not_found');
  });
});

test('DELETE /webhook-endpoints/{id} ends the endpoint and what was on its way to it', async () => {
  const { id } = await newEndpoint(me, { url });
  await emit(accountId);
  expect((await call('DELETE', `/webhook-endpoints/${id}`, me)).json).toMatchObject({
    id,
    deleted: true,
  });
  const { text } = await call('GET', '/webhook-endpoints', me);
  expect(text).not.toContain(id);
  const [delivery] = await deliveriesTo(me, id);
  expect(delivery).toMatchObject({ state: 'failed', next_attempt_at: null });
  const again = await call('POST', `/webhook-deliveries/${delivery?.id}/replay`, me, {});
  expectProblem(again, again.text, 'conflict');
  const gone = await call('DELETE', `/webhook-endpoints/${id}`, me);
  expectProblem(gone, gone.text, 'not_found');
});

test('nothing waits for an endpoint that was deleted while it was worked on', async () => {
  const { id: other } = await newAccount({ plan: 'enterprise' });
  const session = await sessionOf(other);
  const endpoints = await Promise.all(
    Array.from({ length: 12 }, () => newEndpoint(session, { url })),
  );
  // Each is deleted a little later in the course of its first attempt, with more events beside it.
  const deleted = endpoints.map(async ({ id }, index) => {
    await delay(10 * index);
    return call('DELETE', `/webhook-endpoints/${id}`, session);
  });
  const told = Array.from({ length: 6 }, async (_, index) => {
    await delay(20 * index);
    await emit(other);
  });
  await Promise.all([...deleted, ...told]);
  const waiting = async () => {
    const { json } = await call('GET', '/webhook-deliveries?state=pending&limit=100', session);
    return json.data.map(({ endpoint_id }: { endpoint_id: string }) => endpoint_id);
  };
  await expect.poll(waiting, { timeout: 30_000 }).toEqual([]);
});

test('nothing waits for an endpoint when the process that deletes it dies', async () => {
  const { id: other } = await newAccount({ plan: 'enterprise' });
  const session = await sessionOf(other);
  const { id } = await newEndpoint(session, { url });
  await emit(other);
  const target = { accountId: other, id };
  const { deleteEndpoint } = await import('#server/modules/webhook/service.ts');
  expect(await dieAfter(1, () => deleteEndpoint(target))).toBe(true);
  const again = await call('DELETE', `/webhook-endpoints/${id}`, session);
  expectProblem(again, again.text, 'not_found');
  const states = async () => (await deliveriesTo(session, id)).map(({ state }) => state);
  await expect.poll(states, { timeout: 30_000 }).toEqual(['failed']);
});

test('what is noted for an endpoint in the moment of its end is given up, and then the row goes', async () => {
  const { id: other } = await newAccount({ plan: 'enterprise' });
  const session = await sessionOf(other);
  const { id } = await newEndpoint(session, { url });
  const target = { accountId: other, id };
  await call('DELETE', `/webhook-endpoints/${id}`, session);
  // As whoever has read the endpoint before writes it, and the index shows it later still.
  const { writeDelivery } = await import('#server/modules/webhook/deliveries.ts');
  const message = { eventId: 'msg_01JD8Y3K5M7N9P1Q3R5S7T9V1W', type: 'job.failed', payload: '{}' };
  await writeDelivery({ accountId: other, endpointId: id }, message);
  const states = async () => (await deliveriesTo(session, id)).map(({ state }) => state);
  await expect.poll(states, { timeout: 30_000 }).toEqual(['failed']);
  const { database } = await import('#server/database.ts');
  const stored = async () => (await database().webhookEndpoint.get(target).go()).data;
  await database().webhookEndpoint.patch(target).set({ deletedAt: 1 }).go();
  await expect.poll(stored, { timeout: 30_000 }).toBeNull();
});

test('POST …/rotate-secret shows a new secret, and until when the one before signs', async () => {
  const { id, secret } = await newEndpoint(me, { url });
  const { json, status } = await call('POST', `/webhook-endpoints/${id}/rotate-secret`, me, {});
  expect(status).toBe(200);
  expect(json.secret).toMatch(/^whsec_/);
  expect(json.secret).not.toBe(secret);
  const hours = (Date.parse(json.previous_secret_expires_at) - Date.now()) / 3_600_000;
  expect(Math.round(hours)).toBe(24);
});

describe('GET /webhook-deliveries', () => {
  test('filters, and goes on where its cursor says', async () => {
    const { id: ownerId } = await newAccount({ plan: 'enterprise' });
    const owner = await sessionOf(ownerId);
    const [one, two] = [await newEndpoint(owner, { url }), await newEndpoint(owner, { url })];
    const events = [];
    for (let n = 0; n < 5; n++) events.push(await emit(ownerId, { n }));
    const list = async (query: string) =>
      (await call('GET', `/webhook-deliveries?${query}`, owner)).json;
    expect((await list('limit=100')).data).toHaveLength(10);
    const ofOne = (await list(`endpoint_id=${one.id}`)).data;
    expect(new Set(ofOne.map((each: { event_id: string }) => each.event_id))).toEqual(
      new Set(events),
    );
    expect((await list(`event_id=${events[2]}`)).data).toHaveLength(2);
    expect((await list('state=succeeded')).data).toEqual([]);
    expect((await list('type=job.failed')).data).toEqual([]);
    expect((await list('type=job.succeeded&state=pending&limit=100')).data).toHaveLength(10);
    const first = await list(`endpoint_id=${two.id}&limit=3`);
    const rest = await list(`endpoint_id=${two.id}&limit=3&cursor=${first.next_cursor}`);
    expect([first.data.length, rest.data.length, rest.next_cursor]).toEqual([3, 2, null]);
    const ids = [...first.data, ...rest.data].map((each: { id: string }) => each.id);
    expect(new Set(ids).size).toBe(5);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const foreign = await call(
      'GET',
      `/webhook-deliveries?endpoint_id=${one.id}&cursor=${first.next_cursor}`,
      owner,
    );
    expectProblem(foreign, foreign.text, 'invalid_input');
  });

  test('shows nothing of another account, by whatever endpoint it asks', async () => {
    const { id } = await newEndpoint(me, { url });
    await emit(accountId);
    const stranger = await sessionOf((await newAccount()).id);
    for (const query of ['', `?endpoint_id=${id}`]) {
      const { json, status } = await call('GET', `/webhook-deliveries${query}`, stranger);
      expect([status, json.data]).toEqual([200, []]);
    }
  });
});

test('an event that is noted twice is one delivery to each endpoint', async () => {
  const { id } = await newEndpoint(me, { url });
  const eventId = 'msg_01JD8Y3K5M7N9P1Q3R5S7T9V1W';
  await Promise.all([emit(accountId, {}, { eventId }), emit(accountId, {}, { eventId })]);
  await emit(accountId, {}, { eventId });
  const { json } = await call('GET', `/webhook-deliveries?endpoint_id=${id}`, me);
  expect(json.data.map((each: { event_id: string }) => each.event_id)).toEqual([eventId]);
});

test('a key needs webhooks:write', async () => {
  const without = await newAccount({ plan: 'enterprise' });
  const headers = { authorization: `Bearer ${without.key}` };
  const reply = await call('GET', '/webhook-deliveries', headers);
  expectProblem(reply, reply.text, 'forbidden');
});
