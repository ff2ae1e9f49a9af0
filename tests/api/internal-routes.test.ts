import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetch as fetchFrom } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { call, nobody, sessionOf } from '../support/callers.ts';
import { requestHead, sendRaw } from '../support/raw.ts';
import { newOwner, stack } from '../support/stack.ts';

// What Next and its hosts say to themselves in headers and paths, said by a stranger instead.

type Headers = Record<string, string>;

const base = stack.url.replace('localhost', '127.0.0.1');

async function open(path: string, headers: Headers = {}) {
  const response = await fetchFrom(base + path, { headers, redirect: 'manual' });
  const location = response.headers.get('location') ?? '';
  return { status: response.status, location, text: await response.text() };
}

/** What a page would load of another one; Next asks for a mark of the headers in the address first. */
async function openPart(path: string, headers: Headers) {
  const first = await open(path, { ...headers, rsc: '1' });
  const marked = new URL(first.location || path, base);
  return open(marked.pathname + marked.search, { ...headers, rsc: '1' });
}

let owner: Awaited<ReturnType<typeof newOwner>>;
beforeAll(async () => {
  owner = await newOwner();
});

const middleware = ['middleware', 'src/middleware', 'proxy', 'src/proxy', 'pages/_middleware'];
const inner: [name: string, value: string][] = [
  ...middleware.map((name): (typeof inner)[number] => [
    'x-middleware-subrequest',
    Array(5).fill(name).join(':'),
  ]),
  ['x-middleware-rewrite', '/dashboard'],
  ['x-middleware-next', '1'],
  ['x-nextjs-data', '1'],
  ['x-nextjs-rewrite', '/dashboard'],
  ['x-rewrite-url', '/dashboard'],
  ['x-original-url', '/dashboard'],
  ['x-matched-path', '/dashboard'],
  ['x-invoke-path', '/dashboard'],
  ['x-invoke-status', '200'],
  ['x-now-route-matches', '1=dashboard'],
  ['x-forwarded-host', 'evil.example'],
  ['x-nebula-path', '/dashboard'],
];

test.each(inner)('the header %s: %s opens nothing without a session', async (name, value) => {
  const headers = { [name]: value };
  const page = await open('/dashboard/keys', headers);
  expect(page.status).toBe(307);
  expect(page.location).toMatch(/^\/sign-in\?from=/);
  const titleOf = ({ text }: { text: string }) => /<title>[^<]*/.exec(text)?.[0];
  expect(titleOf(await open('/', headers))).toBe(titleOf(await open('/')));
  const paths = { '/users/me': 401, '/health': 200 };
  for (const [path, status] of Object.entries(paths)) {
    expect((await call('GET', path, { ...nobody, ...headers })).status).toBe(status);
  }
  expect((await open('/api/trpc/me.get', headers)).status).toBe(401);
});

test.each([
  '/_next/data/build/dashboard.json',
  '/_next/data/build/dashboard/keys.json',
  '/dashboard.',
  '/dashboard.rsc',
  '/dashboard.json',
  '/dashboard.txt',
  '/dashboard.segments/_tree.segment.rsc',
  '/%64ashboard',
  '//dashboard',
  '/\\dashboard',
  '/en/dashboard',
  '/./dashboard',
  '/dashboard/',
  '/dashboard%2f',
  '/dashboard%00',
  '/dashboard;x',
  '/dashboard/%2e%2e/dashboard',
  '/sign-in/../dashboard',
  '/(dashboard)/dashboard',
  '/Dashboard',
])('the address %s leads to no page without a session', async (path) => {
  const answer = await sendRaw(requestHead(`GET ${path}`, { Connection: 'close' }));
  expect([307, 308, 400, 404]).toContain(answer?.status);
  const location = answer?.headers.get('location') ?? '/sign-in';
  expect(location).toMatch(/^\/(dashboard|sign-in)/);
});

describe('a part of a page, as its browser would load it', () => {
  const folder = join(import.meta.dirname, '../../app/(dashboard)');
  const pages = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('page.tsx'))
    .map((path) => `/${path.replace('/page.tsx', '').replace('[id]', 'some_id')}`);

  /** Says that the shell around a page is there already. */
  const shellOf = (path: string) => {
    const names = ['(dashboard)', ...path.split('/').slice(1)];
    const page: unknown[] = ['__PAGE__', {}, null, 'refetch'];
    const tree = names.reduceRight((inside, name) => [name, { children: inside }], page);
    return encodeURIComponent(JSON.stringify(['', { children: tree }]));
  };

  test('has the facts of its owner with a session', async () => {
    const { text } = await openPart('/dashboard', await sessionOf(owner.id));
    expect(text).toContain(owner.email);
  });

  test.each(pages)('of %s has none of anybody without one', async (path) => {
    const ways: Headers[] = [
      {},
      { 'next-router-prefetch': '1' },
      { 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
      { 'next-router-state-tree': shellOf(path) },
    ];
    for (const headers of ways) {
      const { text } = await openPart(path, headers);
      expect(text).not.toMatch(/usr_[0-9A-Z]{20}|@example\.com|@nebula\.local/);
    }
  });
});
