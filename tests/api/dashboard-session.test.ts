import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Credentials, call, moveElsewhere, nobody } from '../support/callers.ts';
import { type Person, registered } from '../support/people.ts';
import { stack } from '../support/stack.ts';

const pages = `http://127.0.0.1:${new URL(stack.url).port}/api/auth`;

const foreign = [
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '\\\\evil.example',
  'https:evil.example',
  'http://localhost.evil.example/',
  'http://localhost@evil.example/',
  'data:text/html,x',
  ' https://evil.example',
  '/\t/evil.example',
  `${stack.url}.evil.example/`,
];

let person: Person;
beforeAll(async () => {
  person = await registered();
});
beforeEach(() => moveElsewhere());

/** What a browser would send after an answer, by the cookies that it set. */
const cookiesOf = ({ headers }: { headers: Headers }) =>
  headers.getSetCookie().map((line) => line.split(';')[0]);

/** Posts to a page of the sign-in as its form does: with the token that its cookie vouches for. */
async function submit(path: string, held: string[], fields: Record<string, string> = {}) {
  const csrf = await call('GET', '/csrf', nobody, undefined, pages);
  const cookie = [...held, ...cookiesOf(csrf)].join('; ');
  const body = { ...fields, csrfToken: csrf.json.csrfToken, json: 'true' };
  return call('POST', path, { cookie }, body, pages);
}

/** Signs in as the page does. */
async function signIn(): Promise<Credentials & { cookie: string }> {
  const { email, password } = person;
  const reply = await submit('/callback/credentials', [], { email, password });
  const cookie = cookiesOf(reply).find((line) => line?.startsWith('nebula-session='));
  return { cookie: cookie ?? '', origin: new URL(stack.url).origin };
}

const statusOf = async (as: Credentials) => (await call('GET', '/users/me', as)).status;
const sessionsOf = async (as: Credentials): Promise<{ id: string; is_current: boolean }[]> =>
  (await call('GET', '/users/me/sessions', as)).json.data;

test('signing out of the dashboard ends the session: it is listed no more, and a copied cookie is dead', async () => {
  const [mine, other] = [await signIn(), await signIn()];
  expect([await statusOf(mine), await statusOf(other)]).toEqual([200, 200]);
  const id = (await sessionsOf(mine)).find(({ is_current }) => is_current)?.id;
  await submit('/signout', [mine.cookie]);
  expect((await sessionsOf(other)).map((session) => session.id)).not.toContain(id);
  await expect.poll(() => statusOf(mine), { timeout: 6_000, interval: 1_000 }).toBe(401);
  expect(await statusOf(other)).toBe(200);
  const { json } = await call('GET', '/audit-logs?limit=20', other);
  expect(json.data).toContainEqual(
    expect.objectContaining({
      action: 'session.signed_out',
      target: { type: 'session', id },
      actor: expect.objectContaining({ kind: 'session' }),
      address: expect.stringMatching(/^127\./),
    }),
  );
});

test('a form of the sign-in without the token that its cookie vouches for signs nobody in', async () => {
  const { email, password } = person;
  const csrf = await call('GET', '/csrf', nobody, undefined, pages);
  const cookie = cookiesOf(csrf).join('; ');
  const { csrfToken } = csrf.json;
  const tries: [Credentials, Record<string, string>][] = [
    [{ cookie }, {}],
    [{ cookie }, { csrfToken: 'f'.repeat(64) }],
    [{}, { csrfToken }],
  ];
  for (const [as, token] of tries) {
    const form = { email, password, json: 'true', ...token };
    const reply = await call('POST', '/callback/credentials', as, form, pages);
    expect(setCookies(reply)).not.toContain('nebula-session=');
  }
});

test('the list of sessions says on which device each is and when it was used last', async () => {
  // The calls of the others are not to be among those that this account has in a minute.
  const { email, password } = await registered();
  const before = Date.now();
  const agent = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0' };
  const { access_token } = (await call('POST', '/auth/login', agent, { email, password })).json;
  const me = { authorization: `Bearer ${access_token}` };
  const mine = async () => {
    const { json } = await call('GET', '/users/me/sessions', me);
    return json.data.find(({ is_current }: { is_current: boolean }) => is_current);
  };
  const first = await mine();
  expect(first).toMatchObject({ device: 'Firefox on Linux', kind: 'token' });
  expect(first.address).toMatch(/^127\./);
  const usedAt = Date.parse(first.last_used_at);
  expect(usedAt).toBeGreaterThanOrEqual(before);
  expect(usedAt).toBeLessThanOrEqual(Date.now());
  const { database } = await import('#server/database.ts');
  const { sub: accountId, sid: id } = JSON.parse(atob(access_token.split('.')[1]));
  await database()
    .session.patch({ accountId, id })
    .set({ lastUsedAt: before - 3_600_000 })
    .go();
  const used = async () => Date.parse((await mine()).last_used_at);
  await expect.poll(used, { timeout: 30_000, interval: 2_500 }).toBeGreaterThanOrEqual(usedAt);
});

const setCookies = ({ headers }: { headers: Headers }) => headers.getSetCookie().join('\n');

test('a sign-in begins a session of its own, whatever cookie the browser held before', async () => {
  const stranger = await signIn();
  const { email, password } = person;
  const reply = await submit('/callback/credentials', [stranger.cookie], { email, password });
  const cookie = cookiesOf(reply).find((line) => line?.startsWith('nebula-session=')) ?? '';
  expect(cookie).not.toBe(stranger.cookie);
  const ids = async (held: string) =>
    (await sessionsOf({ ...stranger, cookie: held })).find(({ is_current }) => is_current)?.id;
  expect(await ids(cookie)).not.toBe(await ids(stranger.cookie));
  expect(setCookies(reply)).toMatch(
    /^nebula-session=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/m,
  );
});

test('a way back of a sign-in leads to no other site', async () => {
  const { email, password } = person;
  const signed = [];
  for (const callbackUrl of foreign.slice(0, 4))
    signed.push(await submit('/callback/credentials', [], { email, password, callbackUrl }));
  for (const { json, status } of signed) {
    expect(status).toBe(200);
    expect(new URL(json.url).origin).toBe(new URL(stack.url).origin);
  }
  for (const callbackUrl of foreign) {
    const reply = await submit('/signout', [], { callbackUrl });
    expect(new URL(reply.json.url).origin, callbackUrl).toBe(new URL(stack.url).origin);
  }
});
