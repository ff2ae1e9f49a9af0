import { fetch as fetchFrom } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Credentials, call, nobody, sessionOf } from '../support/callers.ts';
import { registered } from '../support/people.ts';
import { startSecondWeb } from '../support/second-web.ts';
import { newAccount } from '../support/stack.ts';

const publicUrl = 'https://nebula.example';

// A web process behind a proxy that speaks https.
let web: Awaited<ReturnType<typeof startSecondWeb>>;
let origin = '';
beforeAll(async () => {
  web = await startSecondWeb({ PUBLIC_URL: publicUrl, WORKER_CONCURRENCY: '0' });
  origin = new URL(web.api).origin;
}, 120_000);
afterAll(() => web.stop());

const open = (path: string, headers: Credentials = {}) =>
  fetchFrom(origin + path, { headers, redirect: 'manual' });

/** What is missing of the headers that every answer carries. */
function lackOf(headers: { get: (name: string) => string | null }): string[] {
  const policy = headers.get('content-security-policy') ?? '';
  const expected: [name: string, isGiven: boolean][] = [
    ['hsts', /^max-age=\d{8,}/.test(headers.get('strict-transport-security') ?? '')],
    ['nosniff', headers.get('x-content-type-options') === 'nosniff'],
    ['referrer', Boolean(headers.get('referrer-policy'))],
    ['frames', policy.includes("frame-ancestors 'none'")],
    ['scripts', !/script-src[^;]*'unsafe-(inline|eval)'/.test(policy)],
    ['server', !headers.get('x-powered-by') && !headers.get('server')],
  ];
  return expected.filter(([, isGiven]) => !isGiven).map(([name]) => name);
}

test('every page that the site links to is there and carries its headers, scripts by nonce alone', async () => {
  const known = new Set(['/']);
  for (const path of known) {
    const page = await open(path);
    const html = await page.text();
    expect([path, page.status, lackOf(page.headers as unknown as Headers)]).toEqual([
      path,
      path.startsWith('/dashboard') ? 307 : 200,
      [],
    ]);
    const policy = page.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`);
    for (const [, link = ''] of html.matchAll(/<a [^>]*href="(\/[^"#?]*)/g)) known.add(link);
  }
  expect(known.size).toBeGreaterThan(15);
});

test.each([
  ['a page that is not there', '/nothing/here', 404],
  ['a path that is no text', '/%E0%A4%A', 404],
  ['a file', '/icon.svg', 200],
  ['an answer of the API', '/api/v1/tools', 200],
  ['a refusal of the API', '/api/v1/users/me', 401],
  ['an operation that is not there', '/api/v1/nothing', 404],
  ['a page of the sign-in', '/api/auth/csrf', 200],
  ['a procedure of the dashboard', '/api/trpc/me.get', 401],
])('%s carries them too', async (_what, path, status) => {
  const answer = await open(path);
  expect(answer.status).toBe(status);
  expect(lackOf(answer.headers as unknown as Headers)).toEqual([]);
});

test('every cookie of a sign-in is bound to this host and to https', async () => {
  const { email, password } = await registered();
  const pages = `${origin}/api/auth`;
  const csrf = await call('GET', '/csrf', nobody, undefined, pages);
  const cookie = csrf.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const fields = { email, password, csrfToken: csrf.json.csrfToken, json: 'true' };
  const reply = await call('POST', '/callback/credentials', { cookie }, fields, pages);
  const lines = [...csrf.headers.getSetCookie(), ...reply.headers.getSetCookie()];
  expect(lines.some((line) => line.startsWith('__Host-nebula-session='))).toBe(true);
  for (const line of lines) {
    expect(line).toMatch(/^__(Host|Secure)-/);
    expect(line).toMatch(/; Path=\/;.*HttpOnly; Secure; SameSite=Lax/);
    expect(line).not.toMatch(/domain=/i);
  }
});

test('a cookie that another host could have set is none', async () => {
  const { id } = await newAccount();
  const { cookie = '' } = await sessionOf(id);
  const as = { origin: publicUrl };
  const read = (held: string) =>
    call('GET', '/users/me', { ...as, cookie: held }, undefined, web.api);
  expect((await read(cookie)).status).toBe(401);
  expect((await read(`__Host-${cookie}`)).status).toBe(200);
  const tossed = cookie.replace(/=.*/, '=tossed');
  expect((await read(`${tossed}; __Host-${cookie}`)).status).toBe(200);
});
