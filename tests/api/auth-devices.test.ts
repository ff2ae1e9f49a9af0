import { beforeEach, expect, test } from 'vitest';
import { call, moveElsewhere, nobody, type Reply } from '../support/callers.ts';
import { mailTo } from '../support/mails.ts';
import { type Person, registered } from '../support/people.ts';
import { stack } from '../support/stack.ts';

const pages = `http://127.0.0.1:${new URL(stack.url).port}/api/auth`;
const title = 'A new device has signed in';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

beforeEach(() => moveElsewhere());

async function idOf({ email }: Person): Promise<string> {
  const { findAccountByEmail } = await import('#server/modules/account/service.ts');
  return (await findAccountByEmail(email))?.id ?? '';
}

/** How often an owner was told; it is written before a sign-in is answered. */
async function toldOf(person: Person): Promise<number> {
  const { listNotifications } = await import('#server/modules/notification/service.ts');
  const { rows } = await listNotifications(await idOf(person), { limit: 100, unread: false });
  return rows.filter(({ event }) => event === 'session.new_device').length;
}

/** Signs in by a program, and ends the session again. */
async function visit(person: Person, userAgent: string): Promise<void> {
  const { email, password } = person;
  const signed = await call(
    'POST',
    '/auth/login',
    { 'user-agent': userAgent },
    { email, password },
  );
  expect(signed.status, signed.text).toBe(200);
  const { refresh_token } = signed.json;
  expect((await call('POST', '/auth/logout', nobody, { refresh_token })).status).toBe(200);
}

test('a sign-in of a program is told by mail where its name or its address is new, whether or not anybody is signed in', async () => {
  const person = await registered();
  await visit(person, 'curl/8.0');
  expect(await toldOf(person)).toBe(0);
  await visit(person, 'curl/8.0');
  expect(await toldOf(person)).toBe(0);
  await visit(person, firefox);
  expect(await toldOf(person)).toBe(1);
  expect((await mailTo(person.email, title)).text).toContain('Firefox on Linux');
  moveElsewhere();
  await visit(person, 'curl/8.0');
  expect(await toldOf(person)).toBe(2);
  await visit(person, 'curl/8.0');
  expect(await toldOf(person)).toBe(2);
});

test('a device is forgotten after 90 days, and an account is new only once', async () => {
  const person = await registered();
  await visit(person, 'curl/8.0');
  const { database } = await import('#server/database.ts');
  const accountId = await idOf(person);
  const { data } = await database().ownerDevice.query.byAccount({ accountId }).go();
  const known = data.filter(({ expiresAt }) => expiresAt !== undefined);
  expect(known).toHaveLength(1);
  const days = ((known[0]?.expiresAt ?? 0) * 1000 - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(90);
  const over = Math.floor(Date.now() / 1000) - 1;
  await database()
    .ownerDevice.put(known.map((row) => ({ ...row, expiresAt: over })))
    .go();
  await visit(person, 'curl/8.0');
  expect(await toldOf(person)).toBe(1);
});

const cookiesOf = ({ headers }: Reply) => headers.getSetCookie().map((line) => line.split(';')[0]);

/** Signs in as the form of the page does. @returns the cookie by which the browser is known again */
async function signInByPage({ email, password }: Person, held = ''): Promise<string> {
  const csrf = await call('GET', '/csrf', nobody, undefined, pages);
  const cookie = [held, ...cookiesOf(csrf)].filter(Boolean).join('; ');
  const form = { email, password, csrfToken: csrf.json.csrfToken, json: 'true' };
  const signed = await call('POST', '/callback/credentials', { cookie }, form, pages);
  expect(signed.headers.getSetCookie().join()).toContain('nebula-session=');
  return cookiesOf(signed).find((line) => line?.startsWith('nebula-device=')) ?? '';
}

test('a browser is known by its cookie: another one of the same name at the same address is told of', async () => {
  const person = await registered();
  const cookie = await signInByPage(person);
  expect(await toldOf(person)).toBe(0);
  moveElsewhere();
  expect(await signInByPage(person, cookie)).toBe('');
  expect(await toldOf(person)).toBe(0);
  await signInByPage(person);
  expect(await toldOf(person)).toBe(1);
  expect((await mailTo(person.email, title)).text).toContain('set a new password');
});
