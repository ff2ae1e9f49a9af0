import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, type Credentials, call, nobody, sessionOf } from '../support/callers.ts';
import { expectProblem } from '../support/problem.ts';
import { api, newAccount, stack } from '../support/stack.ts';

type Account = Awaited<ReturnType<typeof newAccount>>;

let mine: Account;
let other: Account;
let me: Credentials;
beforeAll(async () => {
  [mine, other] = await Promise.all([
    newAccount({ plan: 'enterprise' }),
    newAccount({ plan: 'enterprise' }),
  ]);
  me = await sessionOf(mine.id);
});

const missingId = 'key_01JD8Y3K5M7N9P1Q3R5S7T9V1W';
const create = (body: Record<string, unknown>, as = me) => call('POST', '/api-keys', as, body);
const refuses = (
  reply: Awaited<ReturnType<typeof call>>,
  code: Parameters<typeof expectProblem>[2],
) => expectProblem(reply, reply.text, code);

describe('POST /api-keys', () => {
  test('shows the secret once, and the key as it was asked for', async () => {
    const settings = {
      name: 'CI',
      mode: 'test',
      scopes: ['tools:image-resize', 'usage:read'],
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      is_enabled: true,
      allowed_addresses: ['127.0.0.0/8', '2001:db8::/32'],
      requests_per_minute: 7,
      monthly_cap: 500,
    };
    const { json, status } = await create(settings);
    expect(status).toBe(201);
    expect(json).toMatchObject({ ...settings, object: 'api_key', prefix: 'nb_test_' });
    expect(json.key).toMatch(/^nb_test_[0-9A-Za-z]{38}$/);
    expect(json.last4).toBe(json.key.slice(-4));
    const { json: list } = await call('GET', '/api-keys', me);
    const { key, ...shown } = json;
    expect(list.data).toContainEqual(shown);
    expect(JSON.stringify(list)).not.toContain(key.slice(8, 40));
  });

  test('makes a live key for tools and usage when nothing but a name is said', async () => {
    const { json } = await create({ name: 'plain' });
    expect(json).toMatchObject({
      mode: 'live',
      scopes: ['tools:run', 'usage:read'],
      is_enabled: true,
      expires_at: null,
      allowed_addresses: [],
      requests_per_minute: null,
      monthly_cap: null,
      last_used_at: null,
    });
    expect((await call('GET', '/usage', bearer(json.key))).status).toBe(200);
  });

  test.each<[string, string, unknown]>([
    ['an empty name', 'name', ''],
    ['a name of 101 characters', 'name', 'x'.repeat(101)],
    ['an unknown mode', 'mode', 'admin'],
    ['an unknown scope', 'scopes', ['tools:run', 'admin']],
    ['an end in the past', 'expires_at', '2020-01-01T00:00:00Z'],
    ['an end that is no time', 'expires_at', 'tomorrow'],
    ['an address that is none', 'allowed_addresses', ['localhost']],
    ['a range that is none', 'allowed_addresses', ['10.0.0.0/33']],
    ['no request a minute', 'requests_per_minute', 0],
    ['more requests than the plan has', 'requests_per_minute', 2_401],
    ['a cap below nothing', 'monthly_cap', -1],
    ['a cap as a text', 'monthly_cap', 'many'],
    ['a switch that is none', 'is_enabled', 'yes'],
  ])('refuses %s, and names the field', async (_what, field, value) => {
    const problem = refuses(await create({ name: 'x', [field]: value }), 'invalid_input');
    expect(problem.param).toMatch(new RegExp(`^${field}`));
  });

  test.each([
    'id',
    'account_id',
    'accountId',
    'userId',
    'role',
    'plan',
    'hash',
    'key',
    'last4',
    'created_at',
    'createdAt',
    'status',
    'revision',
    '__proto__x',
  ])('a field that is not one of its own is refused: %s', async (field) => {
    refuses(await create({ name: 'x', [field]: other.id }), 'invalid_input');
    const patch = await call('PATCH', `/api-keys/${mine.keyId}`, me, { [`${field}_`]: other.id });
    refuses(patch, 'invalid_input');
  });

  test('of a hundred at once an account gets as many keys as it may have', async () => {
    const account = await newAccount({ plan: 'enterprise' });
    const session = await sessionOf(account.id);
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, index) => create({ name: `key ${index}` }, session)),
    );
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(49);
    expect(statuses.filter((status) => status === 409)).toHaveLength(51);
    const { json } = await call('GET', '/api-keys', session);
    expect(json.data).toHaveLength(50);
    await call('DELETE', `/api-keys/${json.data[0].id}`, session);
    expect((await create({ name: 'in its place' }, session)).status).toBe(201);
    expect((await create({ name: 'one more' }, session)).status).toBe(409);
  });

  test('with an Idempotency-Key it makes one key, and a lost answer is given again', async () => {
    const headers = { ...me, 'idempotency-key': `make-${Date.now()}` };
    const first = await create({ name: 'once' }, headers);
    const second = await create({ name: 'once' }, headers);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.json).toEqual(first.json);
    const { json } = await call('GET', '/api-keys', me);
    expect(json.data.filter((key: { name: string }) => key.name === 'once')).toHaveLength(1);
  });
});

test('a secret that was shown to one caller is not replayed to another', async () => {
  const manager = await create({ name: 'manager', scopes: ['keys:write'] });
  const repeat = { 'idempotency-key': `shared-${Date.now()}` };
  const strong = { name: 'strong', scopes: ['tools:run'] };
  expect((await create(strong, { ...me, ...repeat })).status).toBe(201);
  const reply = await create(strong, { ...bearer(manager.json.key), ...repeat });
  refuses(reply, 'forbidden');
});

test('the last use is that of a call that was let in', async () => {
  const { json: made } = await create({ name: 'used', allowed_addresses: ['192.0.2.1'] });
  const lastUse = async () => {
    const { json } = await call('GET', '/api-keys', me);
    return json.data.find((key: { id: string }) => key.id === made.id).last_used_at;
  };
  const before = Date.now();
  expect((await call('GET', '/usage', bearer(made.key))).status).toBe(403);
  expect(await lastUse()).toBeNull();
  await call('PATCH', `/api-keys/${made.id}`, me, { allowed_addresses: [] });
  expect((await call('GET', '/usage', bearer(made.key))).status).toBe(200);
  await expect.poll(lastUse).not.toBeNull();
  expect(Date.parse(await lastUse())).toBeGreaterThanOrEqual(before);
});

describe('PATCH /api-keys/{id}', () => {
  test('changes what is named and nothing else; null and an empty list take a limit away', async () => {
    const { json: made } = await create({ name: 'a', monthly_cap: 5, requests_per_minute: 9 });
    const change = (body: unknown) => call('PATCH', `/api-keys/${made.id}`, me, body);
    const { key, ...before } = made;
    expect((await change({})).json).toEqual(before);
    expect((await change({ name: 'b', allowed_addresses: ['::1'] })).json).toEqual({
      ...before,
      name: 'b',
      allowed_addresses: ['::1'],
    });
    const open = { monthly_cap: null, requests_per_minute: null, allowed_addresses: [] };
    expect((await change(open)).json).toEqual({ ...before, ...open, name: 'b' });
    expect((await call('GET', '/usage', bearer(key))).status).toBe(200);
  });

  test('of many changes at once none is lost', async () => {
    const { json: made } = await create({ name: 'busy' });
    const changes = [
      { name: 'changed' },
      { monthly_cap: 7 },
      { requests_per_minute: 8 },
      { scopes: ['usage:read'] },
    ];
    const replies = await Promise.all(
      changes.map((body) => call('PATCH', `/api-keys/${made.id}`, me, body)),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { json } = await call('GET', '/api-keys', me);
    expect(json.data).toContainEqual(expect.objectContaining(Object.assign({}, ...changes)));
  });
});

describe('DELETE /api-keys/{id}', () => {
  test('ends the key, once', async () => {
    const { json: made } = await create({ name: 'gone' });
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => call('DELETE', `/api-keys/${made.id}`, me)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404]);
    expect((await call('GET', '/usage', bearer(made.key))).status).toBe(401);
  });
});

describe('the key of another account', () => {
  const operations: [string, string, unknown][] = [
    ['PATCH', '', { name: 'mine now' }],
    ['POST', '/rotate', {}],
    ['DELETE', '', undefined],
  ];
  test.each(operations)(
    '%s %s cannot be told from one that is missing',
    async (method, end, body) => {
      const ask = (id: string) => call(method, `/api-keys/${id}${end}`, me, body);
      const foreign = refuses(await ask(other.keyId), 'not_found');
      const missing = refuses(await ask(missingId), 'not_found');
      expect(foreign.detail).toBe(missing.detail);
      expect((await call('GET', '/usage', bearer(other.key))).status).toBe(200);
    },
  );

  test.each([
    'key_1',
    'usr_01JD8Y3K5M7N9P1Q3R5S7T9V1W',
    missingId.toLowerCase(),
    `${missingId}#`,
    `$${missingId}`,
    `${missingId}#${missingId}`,
    '#',
    '$apikey_1#id_x',
    'ключ',
    'x'.repeat(2048),
    '__proto__',
    ' ',
  ])('%j is no id at all', async (id) => {
    for (const [method, end, body] of operations) {
      const reply = await call(method, `/api-keys/${encodeURIComponent(id)}${end}`, me, body);
      expect(refuses(reply, 'invalid_input').param).toBe('id');
    }
  });
});

describe('a key with keys:write', () => {
  const withScopes = async (scopes: string[], limits = {}) =>
    bearer((await create({ name: 'manager', scopes, ...limits })).json.key);

  test('makes keys with its own scopes and no other', async () => {
    const manager = await withScopes(['keys:write', 'tools:image-resize']);
    expect((await create({ name: 'x', scopes: ['tools:image-resize'] }, manager)).status).toBe(201);
    expect((await create({ name: 'x', scopes: ['keys:write'] }, manager)).status).toBe(201);
    for (const scopes of [['tools:run'], ['usage:read'], ['tools:html-to-pdf', 'keys:write']])
      refuses(await create({ name: 'x', scopes }, manager), 'forbidden');
    // What a key gets where nothing is said is more than this one has.
    refuses(await create({ name: 'x' }, manager), 'forbidden');
  });

  test('neither widens, nor takes over, nor ends a key that reaches further', async () => {
    const manager = await withScopes(['keys:write']);
    const { json: strong } = await create({ name: 'strong', scopes: ['tools:run'] });
    const { json: weak } = await create({ name: 'weak', scopes: ['keys:write'] });
    const at = (id: string, end = '') => `/api-keys/${id}${end}`;
    refuses(await call('POST', at(strong.id, '/rotate'), manager, {}), 'forbidden');
    refuses(await call('PATCH', at(strong.id), manager, { name: 'x' }), 'forbidden');
    refuses(await call('DELETE', at(strong.id), manager), 'forbidden');
    refuses(await call('PATCH', at(weak.id), manager, { scopes: ['usage:read'] }), 'forbidden');
    expect((await call('PATCH', at(weak.id), manager, { name: 'y' })).status).toBe(200);
    expect((await call('POST', at(weak.id, '/rotate'), manager, {})).status).toBe(200);
  });

  test('does not get rid of its own limits', async () => {
    const settings = { name: 'capped', scopes: ['keys:write'], monthly_cap: 1 };
    const { json: capped } = await create(settings);
    const lift = { monthly_cap: null };
    refuses(await call('PATCH', `/api-keys/${capped.id}`, bearer(capped.key), lift), 'forbidden');
    const slow = await withScopes(['keys:write'], { requests_per_minute: 20 });
    refuses(await create({ name: 'x', scopes: [] }, slow), 'forbidden');
    const bound = await withScopes(['keys:write'], { allowed_addresses: ['127.0.0.0/8'] });
    refuses(await create({ name: 'x', scopes: [] }, bound), 'forbidden');
    const tester = await create({ name: 't', mode: 'test', scopes: ['keys:write'] });
    refuses(await create({ name: 'x', scopes: [] }, bearer(tester.json.key)), 'forbidden');
  });

  test('another key does not even see the list', async () => {
    refuses(await call('GET', '/api-keys', bearer(mine.key)), 'forbidden');
    refuses(await call('GET', '/api-keys', nobody), 'unauthenticated');
  });
});

describe('another site', () => {
  const forms: [string, string][] = [
    ['application/x-www-form-urlencoded', 'name=evil'],
    ['text/plain', '{"name":"evil"}'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="name"\r\n\r\nevil\r\n--x--\r\n',
    ],
    ['application/json', '{"name":"evil"}'],
  ];
  test.each(forms)('makes no key with the cookie of a visitor: %s', async (type, body) => {
    const { cookie = '' } = me;
    for (const from of ['https://evil.example', 'null', stack.url.replace('//', '//sub.')]) {
      const response = await fetch(`${api}/api-keys`, {
        method: 'POST',
        headers: { cookie, origin: from, 'content-type': type },
        body,
      });
      expectProblem(response, await response.text(), 'forbidden');
    }
    const { json } = await call('GET', '/api-keys', me);
    expect(JSON.stringify(json)).not.toContain('evil');
  });

  test('a bearer token is bound to no site', async () => {
    const as = { ...bearer(mine.key), origin: 'https://customer.example' };
    expect((await call('GET', '/usage', as)).status).toBe(200);
  });

  test('another method is not reached by a header or a field', async () => {
    const as = { ...me, 'x-http-method-override': 'DELETE' };
    refuses(
      await call('POST', `/api-keys/${mine.keyId}?_method=DELETE`, as, {}),
      'method_not_allowed',
    );
    refuses(await call('GET', `/api-keys/${mine.keyId}`, as), 'method_not_allowed');
    expect((await call('GET', '/usage', bearer(mine.key))).status).toBe(200);
  });
});
