import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, type Credentials, call, callTrpc, sessionOf } from '../support/callers.ts';
import { expectProblem, expectRateHeaders } from '../support/problem.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';
import { jpeg } from '../support/samples.ts';
import { newAccount, postForm } from '../support/stack.ts';

type Account = Awaited<ReturnType<typeof newAccount>>;

let account: Account;
let me: Credentials;
let photo: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  account = await newAccount({ plan: 'enterprise' });
  me = await sessionOf(account.id);
  photo = new Uint8Array(await jpeg());
});

const create = async (limits: Record<string, unknown>, as = me) => {
  const { json } = await call('POST', '/api-keys', as, { name: 'limited', ...limits });
  return json as { id: string; key: string };
};
const resize = (key: string, width = '8', fields: Record<string, string> = {}) =>
  postForm('image-resize', key, { file: new Blob([photo]), width, cache: 'false', ...fields });
const statusOf = async (response: Response) => {
  await response.arrayBuffer();
  return response.status;
};

describe('requests_per_minute', () => {
  test('holds for one key, exactly, and no other key of the account notices', async () => {
    const { key } = await create({ requests_per_minute: 5 });
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => call('GET', '/usage', bearer(key))),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(5);
    const refused = replies.find(({ status }) => status === 429);
    expectProblem(refused as never, refused?.text ?? '', 'rate_limited');
    for (const { headers } of replies) expectRateHeaders(headers, 5);
    expect((await call('GET', '/usage', bearer(account.key))).status).toBe(200);
  });

  test('the limit of the account holds beside it, and the one with less left is told', async () => {
    const { id } = await newAccount();
    const session = await sessionOf(id);
    const { key } = await create({ requests_per_minute: 15 }, session);
    const remaining = async () => {
      const { headers } = await call('GET', '/usage', bearer(key));
      return [headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')];
    };
    expect(await remaining()).toEqual(['15', '14']);
    for (let used = 2; used < 12; used++) await call('GET', '/usage', session);
    expect(await remaining()).toEqual(['20', '7']);
  });
});

describe('monthly_cap', () => {
  test('of sixty calls at once with twenty left, exactly twenty succeed', async () => {
    const { key } = await create({ monthly_cap: 20 });
    const before = await quotaLeft(account.id);
    const statuses = await Promise.all(
      Array.from({ length: 60 }, () => resize(key).then(statusOf)),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 402)).toHaveLength(40);
    expect(await quotaLeft(account.id)).toBe(before - 20);
    expect(await statusOf(await resize(account.key))).toBe(200);
  });

  test('says what is used and when the next month begins, and a higher one applies at once', async () => {
    const { id, key } = await create({ monthly_cap: 1 });
    const first = await resize(key);
    expect(first.headers.get('x-quota-limit')).toBe('1');
    expect(first.headers.get('x-quota-remaining')).toBe('0');
    expect(await statusOf(first)).toBe(200);
    const over = await resize(key);
    const problem = expectProblem(over, await over.text(), 'quota_exceeded');
    const now = new Date();
    const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    expect(problem).toMatchObject({ key_id: id, limit: 1, remaining: 0 });
    expect(Date.parse(String(problem.resets_at))).toBe(next);
    await call('PATCH', `/api-keys/${id}`, me, { monthly_cap: 2 });
    expect(await statusOf(await resize(key))).toBe(200);
    expect(await statusOf(await resize(key))).toBe(402);
  });

  test('a call that fails gives its unit back', async () => {
    const { key } = await create({ monthly_cap: 1 });
    const tooWide = () => resize(key, '4000', { strict: 'true' });
    for (let attempt = 0; attempt < 3; attempt++) expect(await statusOf(await tooWide())).toBe(422);
    expect(await statusOf(await resize(key))).toBe(200);
    expect(await statusOf(await resize(key))).toBe(402);
  });

  test('of nothing lets no call pass, and an account without calls takes none of a cap', async () => {
    const { key: none } = await create({ monthly_cap: 0 });
    expect(await statusOf(await resize(none))).toBe(402);
    const poor = await newAccount({ plan: 'pro' });
    const session = await sessionOf(poor.id);
    const { key } = await create({ monthly_cap: 3 }, session);
    await leaveCalls(poor.id, 1);
    const statuses = await Promise.all(Array.from({ length: 5 }, () => resize(key).then(statusOf)));
    expect(statuses.sort()).toEqual([200, 402, 402, 402, 402]);
    const { readCap } = await import('#server/modules/usage/key-cap.ts');
    const { findActiveKey } = await import('#server/modules/api-key/service.ts');
    const keyId = (await findActiveKey(key))?.id ?? '';
    expect(await readCap({ accountId: poor.id, keyId, limit: 3 })).toMatchObject({ remaining: 2 });
  });

  test('holds the first job of a month too', async () => {
    const before = await quotaLeft(account.id);
    const scopes = ['tools:run', 'jobs:write'];
    const { key: few } = await create({ monthly_cap: 1, scopes });
    const steps = ['one', 'two'].map((id) => ({ id, tool: 'html-to-pdf', input: { html: id } }));
    const two = await call('POST', '/jobs', bearer(few), { steps });
    expectProblem(two, two.text, 'quota_exceeded');
    const { key: none } = await create({ monthly_cap: 0 });
    const file = new Blob([photo]);
    const headers = { prefer: 'respond-async', 'idempotency-key': 'first' };
    const one = await postForm('image-resize', none, { file, width: '8', cache: 'false' }, headers);
    expectProblem(one, await one.text(), 'quota_exceeded');
    expect(await quotaLeft(account.id)).toBe(before);
    const last = await call('POST', '/jobs', bearer(few), { steps: steps.slice(1) });
    expect(last.status, last.text).toBe(202);
  });
});

describe('allowed_addresses', () => {
  let server: Server;
  let behindProxy: string;
  beforeAll(async () => {
    const { serveRest } = await import('#server/rest/node.ts');
    server = createServer((request, response) => {
      void serveRest(request, response, { trustedProxies: 1 });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    behindProxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const ask = async (key: string, forwarded: string) => {
    const as = { ...bearer(key), 'x-forwarded-for': forwarded };
    return (await call('GET', '/usage', as, undefined, behindProxy)).status;
  };

  test('lets in IPv4 and IPv6 addresses of the list, in every spelling', async () => {
    const { key } = await create({
      allowed_addresses: ['203.0.113.0/24', '2001:db8::/32', '198.51.100.9'],
    });
    const inside = [
      '203.0.113.77',
      '::ffff:203.0.113.1',
      '2001:DB8:0:1::5',
      '2001:db8::',
      '198.51.100.9',
      '1.1.1.1, 203.0.113.5',
    ];
    for (const address of inside) expect(await ask(key, address), address).toBe(200);
    const outside = [
      '203.0.114.1',
      '2001:db9::1',
      '198.51.100.10',
      'unknown',
      '203.0.113.5:80',
      // What is before the last was written by the caller itself.
      '203.0.113.5, 1.1.1.1',
      '127.0.0.1',
    ];
    for (const address of outside) expect(await ask(key, address), address).toBe(403);
  });

  test('are those of the connection where no proxy is trusted, over REST and tRPC', async () => {
    const { key } = await create({ allowed_addresses: ['203.0.113.7'] });
    const as = { ...bearer(key), 'x-forwarded-for': '203.0.113.7', 'x-real-ip': '203.0.113.7' };
    const reply = await call('GET', '/usage', as);
    const problem = expectProblem(reply, reply.text, 'forbidden');
    expect(problem.detail).toContain('address');
    expect((await callTrpc('query', 'usage.list', as)).status).toBe(403);
    const { key: local } = await create({ allowed_addresses: ['127.0.0.0/8'] });
    expect((await callTrpc('query', 'usage.list', bearer(local))).status).toBe(200);
  });

  test('a list and what lies outside it are told from no key at all by nothing but the key', async () => {
    const { key } = await create({ allowed_addresses: ['192.0.2.1'] });
    const last = key.at(-1) === 'a' ? 'b' : 'a';
    expect((await call('GET', '/usage', bearer(key))).status).toBe(403);
    expect((await call('GET', '/usage', bearer(key.slice(0, -1) + last))).status).toBe(401);
  });
});
