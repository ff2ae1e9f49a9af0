import { encode } from 'next-auth/jwt';
import { Agent, fetch as fetchFrom } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/problem.ts';
import { loopbackAddress } from '../support/raw.ts';
import { newAccount, stack } from '../support/stack.ts';

const dispatcher = new Agent({ localAddress: loopbackAddress() });
const base = `http://127.0.0.1:${new URL(stack.url).port}/api/v1`;

let account: Awaited<ReturnType<typeof newAccount>>;
beforeAll(async () => {
  account = await newAccount({ plan: 'pro' });
});

async function ask(headers: Record<string, string>, path = '/usage', method = 'GET') {
  const response = await fetchFrom(base + path, { method, dispatcher, headers });
  return { response: response as unknown as Response, text: await response.text() };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('a key is accepted', () => {
  test.each<[string, (key: string) => Record<string, string>]>([
    ['as a bearer token', (key) => ({ authorization: `Bearer ${key}` })],
    ['with a scheme in lower case', (key) => ({ authorization: `bearer ${key}` })],
    ['in X-API-Key', (key) => ({ 'x-api-key': key })],
  ])('%s', async (_how, headers) => {
    expect((await ask(headers(account.key))).response.status).toBe(200);
  });
});

describe('a credential that is not valid is refused, and told from no other', () => {
  const change = (key: string, at: number) =>
    key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1);
  const wrong: [string, () => Record<string, string>][] = [
    ['an unknown key that is well formed', () => bearer(unknownKey)],
    ['a key with one typo', () => bearer(change(account.key, 20))],
    ['a key that lost its end', () => bearer(account.key.slice(0, -1))],
    ['a live key called a test key', () => bearer(account.key.replace('live', 'test'))],
    ['the hash of a key', () => bearer('a'.repeat(64))],
    ['a password', () => bearer('a long enough password')],
    ['a token of another kind', () => bearer('eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.')],
    ['64 characters of text', () => bearer('x'.repeat(64))],
    ['a very long token', () => bearer('nb_live_'.padEnd(8000, 'a'))],
    ['two keys at once', () => bearer(`${account.key}, ${account.key}`)],
    ['a key with text around it', () => ({ 'x-api-key': `x${account.key}` })],
  ];
  let unknownKey: string;
  beforeAll(async () => {
    const { generateKey } = await import('#server/modules/api-key/key-format.ts');
    unknownKey = generateKey('live');
  });

  test.each(wrong)('%s', async (_what, headers) => {
    const { response, text } = await ask(headers());
    const problem = expectProblem(response, text, 'unauthenticated');
    expect(problem.detail).toBe('The API key or the access token is wrong, expired or revoked.');
    for (const value of Object.values(headers()))
      expect(text).not.toContain(value.replace(/^Bearer /, ''));
  });

  test('a good key in X-API-Key does not heal a wrong bearer token', async () => {
    const { response, text } = await ask({ ...bearer(unknownKey), 'x-api-key': account.key });
    expectProblem(response, text, 'unauthenticated');
  });

  test('nobody hears how to sign in', async () => {
    const { response, text } = await ask({});
    const { detail } = expectProblem(response, text, 'unauthenticated');
    expect(detail).toContain('Authorization: Bearer nb_live_');
  });

  test('an empty credential is none', async () => {
    const none: [string, string][] = [
      ['authorization', ''],
      ['authorization', 'Bearer '],
      ['x-api-key', ''],
    ];
    for (const [name, value] of none) {
      const { response, text } = await ask({ [name]: value });
      expectProblem(response, text, 'unauthenticated');
    }
  });
});

test('a revoked key is refused within five seconds', async () => {
  const { id, key, keyId } = await newAccount({ plan: 'pro' });
  expect((await ask(bearer(key))).response.status).toBe(200);
  const { setKeyEnabled } = await import('#server/modules/api-key/service.ts');
  await setKeyEnabled(id, keyId, false);
  const status = async () => (await ask(bearer(key))).response.status;
  await expect.poll(status, { timeout: 5_500, interval: 100 }).toBe(401);
  expect(await status()).toBe(401);
});

test('a key past its end is refused', async () => {
  const { id, key, keyId } = await newAccount({ plan: 'pro' });
  const { database } = await import('#server/database.ts');
  const past = { validUntil: Date.now() - 1 };
  await database().apiKey.patch({ accountId: id, id: keyId }).set(past).go();
  expect((await ask(bearer(key))).response.status).toBe(401);
});

describe('scopes', () => {
  test('tools:run covers each tool, and usage nothing else', async () => {
    const runs = await newAccount({ scopes: ['tools:run'], plan: 'pro' });
    const { response, text } = await ask(bearer(runs.key));
    expectProblem(response, text, 'forbidden');
    const run = await ask(bearer(runs.key), '/tools/image-resize', 'POST');
    expectProblem(run.response, run.text, 'invalid_input');
  });

  test('a scope for one tool covers no other, and no scope covers nothing', async () => {
    const one = await newAccount({ scopes: ['tools:image-resize'], plan: 'pro' });
    const own = await ask(bearer(one.key), '/tools/image-resize', 'POST');
    expectProblem(own.response, own.text, 'invalid_input');
    const other = await ask(bearer(one.key), '/tools/html-to-pdf', 'POST');
    expectProblem(other.response, other.text, 'forbidden');
    const none = await newAccount({ scopes: [], plan: 'pro' });
    expect((await ask(bearer(none.key))).response.status).toBe(403);
  });
});

describe('a browser session', () => {
  const secret = stack.env.AUTH_SECRET ?? '';
  const cookieOf = async (sub: string, key = secret, maxAge = 60) => {
    const { createSession } = await import('#server/modules/session/service.ts');
    const { id: sid } = await createSession(sub, 'browser', { address: '127.0.0.1' });
    const token = await encode({ token: { sub, sid }, secret: key, maxAge });
    return { cookie: `nebula-session=${token}` };
  };
  const cookieWithout = async (sub: string) => ({
    cookie: `nebula-session=${await encode({ token: { sub }, secret, maxAge: 60 })}`,
  });
  const run = (headers: Record<string, string>) => ask(headers, '/tools/image-resize', 'POST');

  test('may call from the dashboard itself', async () => {
    const cookie = await cookieOf(account.id);
    expect((await ask(cookie)).response.status).toBe(200);
    const { response, text } = await run({ ...cookie, origin: new URL(stack.url).origin });
    expectProblem(response, text, 'invalid_input');
  });

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a sub-domain', { origin: stack.url.replace('//', '//sub.') }],
    ['another port', { origin: 'http://localhost:1' }],
    ['a page without an origin', { origin: 'null' }],
    ['a form of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a script that hides where it is', {}],
  ])('is refused from %s', async (_what, headers) => {
    const { response, text } = await run({ ...(await cookieOf(account.id)), ...headers });
    expectProblem(response, text, 'forbidden');
  });

  test('reads nothing for another site', async () => {
    const { response, text } = await ask({
      ...(await cookieOf(account.id)),
      origin: 'https://evil.example',
    });
    expectProblem(response, text, 'forbidden');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each<[string, () => Promise<Record<string, string>>]>([
    ['signed with another secret', () => cookieOf(account.id, 'another secret of 32 characters!')],
    ['that has ended', () => cookieOf(account.id, secret, -120)],
    ['of an account that is gone', () => cookieOf('usr_gone')],
    ['that names no session', async () => cookieWithout(account.id)],
    ['that is nonsense', async () => ({ cookie: 'nebula-session=x.y.z' })],
  ])('%s is no session', async (_what, cookie) => {
    const { response, text } = await ask(await cookie());
    expectProblem(response, text, 'unauthenticated');
  });
});

test('the key itself is in no row of the database', async () => {
  const { database } = await import('#server/database.ts');
  const { data } = await database().apiKey.query.byAccount({ accountId: account.id }).go();
  const row = JSON.stringify(data);
  expect(row).toContain(account.key.slice(-4));
  expect(row).not.toContain(account.key.slice(8, 40));
});
