import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetch as fetchFrom } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Credentials, call, callTrpc, nobody, sessionOf } from '../support/callers.ts';
import { requestHead, sendRaw } from '../support/raw.ts';
import { newAccount, stack } from '../support/stack.ts';

type Page = { status: number; headers: Headers; html: string };

async function open(path: string, headers: Credentials = {}, method = 'GET', body?: string) {
  const url = stack.url.replace('localhost', '127.0.0.1') + path;
  const response = await fetchFrom(url, { method, headers, body, redirect: 'manual' });
  const html = await response.text();
  return { status: response.status, headers: response.headers as unknown as Headers, html } as Page;
}

let owner: { id: string; key: string };
let session: Credentials;
beforeAll(async () => {
  // Free has 20 calls a minute, and these are more.
  owner = await newAccount({ plan: 'pro' });
  session = await sessionOf(owner.id);
});

const nonceOf = (page: Page) =>
  /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1];

describe.each([
  ['a page', '/', 200],
  ['a page of the docs', '/docs/errors', 200],
  ['a page that is not there', '/nothing/here', 404],
  ['a file', '/icon.svg', 200],
  ['the way to the sign-in', '/dashboard', 307],
])('%s', (_what, path, status) => {
  test('lets run only scripts with the nonce of this answer, and nobody frame it', async () => {
    const page = await open(path);
    expect(page.status).toBe(status);
    const policy = page.headers.get('content-security-policy') ?? '';
    const scripts = policy.split('; ').find((part) => part.startsWith('script-src'));
    expect(scripts).toBe(`script-src 'self' 'nonce-${nonceOf(page)}'`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("object-src 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(nonceOf(await open(path))).not.toBe(nonceOf(page));
    for (const [tag] of page.html.matchAll(/<script[^>]*>/g))
      expect(tag).toContain(`nonce="${nonceOf(page)}"`);
  });

  test('carries the other headers, and does not name its server', async () => {
    const { headers } = await open(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });
});

describe('a stranger who claims to be past the door', () => {
  const claims: Credentials[] = [
    { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
    { 'x-middleware-subrequest': 'src/middleware:src/middleware:src/middleware:src/middleware' },
    { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
    { 'x-middleware-next': '1', 'x-middleware-rewrite': '/dashboard' },
    { 'x-nextjs-data': '1' },
    { 'x-rewrite-url': '/dashboard', 'x-original-url': '/dashboard' },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    { 'x-nebula-path': '/', 'x-nebula-nonce': 'AAAA' },
    { rsc: '1', 'next-router-prefetch': '1' },
    { cookie: 'nebula-session=eyJhbGciOiJkaXIifQ..x.y.z' },
  ];
  const paths = [
    '',
    '/',
    '/keys',
    '/jobs',
    '/billing',
    '/audit-log',
    '/settings',
    '/keys.',
    '//keys',
  ];

  test.each(claims)('%o is led to the sign-in', async (headers) => {
    for (const path of paths) {
      const page = await open(`/dashboard${path}`, headers);
      expect([307, 308, 404], `${path} ${page.status}`).toContain(page.status);
      expect(page.headers.get('location') ?? '').not.toContain('evil');
      expect(page.html).not.toContain('evil.example');
    }
  });

  test.each(claims)('%o reads no data either', async (headers) => {
    expect((await callTrpc('query', 'me.get', headers)).status).toBe(401);
    expect((await call('GET', '/api-keys', headers)).status).toBe(401);
  });
});

describe('a page of another site', () => {
  const known = 'https://app.example';
  const asks = (origin: string): Credentials => ({
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  });

  test('that is on the list may ask and read, without the cookies of the dashboard', async () => {
    const preflight = await call('OPTIONS', '/tools/html-to-pdf', asks(known));
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(known);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const read = await call('GET', '/tools', { origin: known });
    expect(read.headers.get('access-control-allow-origin')).toBe(known);
    for (const { headers } of [preflight, read]) {
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('vary')).toContain('Origin');
    }
    const withCookie = await call('GET', '/api-keys', { ...session, origin: known });
    expect(withCookie.status).toBe(403);
  });

  test.each([
    'null',
    'https://evil-app.example',
    'https://app.example.evil.com',
    'http://app.example',
    'https://app.example:8443',
    'https://sub.app.example',
    'https://APP.example',
    'https://app.example/',
    '*',
  ])('%s gets no leave, and its visitors are told from nobody', async (origin) => {
    const preflight = await call('OPTIONS', '/tools/html-to-pdf', asks(origin));
    expect(preflight.status).toBe(405);
    for (const { headers } of [preflight, await call('GET', '/tools', { origin })]) {
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  test('gets no leave for what does not exist', async () => {
    expect((await call('OPTIONS', '/nothing', asks(known))).status).toBe(404);
  });
});

describe('what Next would do for a caller', () => {
  test.each([
    '/_next/image?url=http%3A%2F%2F127.0.0.1%3A4100%2Fhealth&w=64&q=75',
    '/_next/image?url=%2F%2Fevil.example%2Fa.png&w=64&q=75',
    '/_next/image?url=%2Fapi%2Fv1%2Fhealth&w=64&q=75',
  ])('%s fetches nothing', async (path) => {
    expect((await open(path)).status).toBe(400);
  });

  const forms: [what: string, headers: Credentials, body: string][] = [
    ...['0'.repeat(42), 'x', '../../etc/passwd'].map((id): (typeof forms)[number] => [
      `the action ${id}`,
      { 'next-action': id, 'content-type': 'text/plain', origin: stack.url },
      '[]',
    ]),
    ...[
      '$ACTION_ID_x',
      '$ACTION_REF_1',
      '__proto__',
      'constructor[prototype][x]',
      '1_$ACTION_KEY',
    ].map((name): (typeof forms)[number] => [
      `a form with ${name}`,
      { 'content-type': 'multipart/form-data; boundary=b', origin: stack.url },
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n["$F1"]\r\n--b--\r\n`,
    ]),
  ];
  test.each(forms)('%s reaches no function of the server', async (_what, headers, body) => {
    for (const path of ['/', '/sign-in', '/dashboard/keys', '/nothing']) {
      const page = await open(path, { ...session, ...headers }, 'POST', body);
      expect([page.status, page.headers.get('allow')], path).toEqual([405, 'GET, HEAD']);
      expect(page.html).toBe('');
    }
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    '%s is none of a page',
    async (method) => {
      expect((await open('/', {}, method)).status).toBe(405);
    },
  );

  test.each(['/', '/api/trpc/me.get', '/api/auth/callback/credentials', '/api/nothing'])(
    'a body without an end, or of a gigabyte, is refused by %s before it is read',
    async (path) => {
      const head = { 'Content-Type': 'application/json', Origin: stack.url };
      const sizes = { 'Transfer-Encoding': 'chunked', 'Content-Length': 1_000_000_000 };
      for (const [name, value] of Object.entries(sizes)) {
        const line = `POST ${path}`;
        const refused = await sendRaw(requestHead(line, { ...head, [name]: value }));
        expect(refused?.status, name).toBe(
          path === '/' ? 405 : name === 'Content-Length' ? 413 : 411,
        );
      }
    },
  );

  test('no address is made from the Host of a request', async () => {
    const page = await open('/', { host: 'evil.example' });
    expect(page.html).not.toContain('evil.example');
  });

  test.each(['/.env', '/.git/config', '/api/debug', '/.data/stack.json', '/package.json'])(
    '%s is not served',
    async (path) => {
      expect((await open(path)).status).toBe(404);
    },
  );
});

describe('what a browser gets', () => {
  const secrets = Object.entries(stack.env)
    .filter(([name]) => /SECRET|TOKEN|PASSWORD|PRIVATE/.test(name))
    .map(([, value]) => value)
    .filter((value) => value.length >= 12);

  test('holds no secret, no source map and no variable of the server', async () => {
    expect(secrets.length).toBeGreaterThan(2);
    const folder = join(import.meta.dirname, '../../.next/static');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(10);
    const texts = files.map(({ name, parentPath }) => readFileSync(join(parentPath, name), 'utf8'));
    const document = (await call('GET', '/openapi.json', nobody)).text;
    for (const secret of secrets)
      for (const text of [...texts, document]) expect(text.includes(secret)).toBe(false);
    for (const text of texts) expect(text).not.toMatch(/AUTH_SECRET|MEDIA_TOKEN|S3_SECRET/);
    expect(files.filter(({ name }) => name.endsWith('.map'))).toEqual([]);
  });

  test('of one account is kept by no cache, and never given to another', async () => {
    const other = await sessionOf((await newAccount()).id);
    for (const as of [session, other, session]) {
      const page = await open('/dashboard', as);
      expect(page.status).toBe(200);
      expect(page.headers.get('cache-control')).toMatch(/private.*no-store|no-store.*private/);
      const me = await callTrpc('query', 'me.get', as);
      expect(me.headers.get('cache-control')).toMatch(/no-store/);
      const id = as === other ? undefined : owner.id;
      if (id) expect(me.text).toContain(id);
      else expect(me.text).not.toContain(owner.id);
    }
  });
});

describe('an id', () => {
  const hostile = ['#', '$', '%00', '..%2F..', '%23SK', 'a%24b', 'x'.repeat(2000), '%F0%9F%98%80'];
  const routes = ['/jobs/', '/files/', '/invoices/', '/payments/orders/', '/tools/'];

  test.each(routes)('%s… of any spelling names nothing', async (route) => {
    for (const id of hostile) {
      const reply = await call('GET', route + id, session);
      expect([400, 404, 405, 422], `${route}${id.slice(0, 20)}`).toContain(reply.status);
    }
  });
});
