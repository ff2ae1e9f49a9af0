import { randomBytes } from 'node:crypto';
import { Agent, fetch as fetchFrom } from 'undici';
import { describe, expect, test } from 'vitest';
import { bearer, call, moveElsewhere, nobody, type Reply } from '../support/callers.ts';
import { mailTo, tokenIn } from '../support/mails.ts';
import { login, newPerson, type Person, registered } from '../support/people.ts';
import { cpuTicks, webPid } from '../support/process.ts';
import { loopbackAddress } from '../support/raw.ts';
import { stack } from '../support/stack.ts';

const base = `http://127.0.0.1:${new URL(stack.url).port}/api/v1`;

/** A guess that no limit of an address or of an account holds up. */
async function guessFromAnywhere() {
  const dispatcher = new Agent({ localAddress: loopbackAddress() });
  const { email } = newPerson();
  const reply = await fetchFrom(`${base}/auth/login`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'a guess of somebody' }),
  });
  const { code } = (await reply.json()) as { code: string };
  await dispatcher.close();
  return { status: reply.status, code, retryAfter: reply.headers.get('retry-after') };
}

test('a hundred guesses at once, each of another account and address, end as refusals, and others are answered meanwhile', async () => {
  const person = await registered();
  const guesses = Array.from({ length: 100 }, guessFromAnywhere);
  const alive = await call('GET', '/health', nobody);
  expect(alive.status).toBe(200);
  for (const { code, retryAfter, status } of await Promise.all(guesses)) {
    if (status === 401) continue;
    expect([status, code]).toEqual([429, 'queue_full']);
    expect(retryAfter).toMatch(/^[1-9]\d*$/);
  }
  expect((await login(person)).status).toBe(200);
  // A third of them are hashed, and each hash takes its time on a busy machine.
}, 240_000);

/** Guesses at one address, of passwords and of links; LOGIN_TRIES=1000 for all. */
const tries = Number(process.env.LOGIN_TRIES ?? 100);

test('of many tries at one address few are hashed, and a refusal costs a fraction of a hash', async () => {
  const web = webPid();
  /** What so many tries cost together, in ticks, and how each was answered. */
  const guess = async (count: number) => {
    moveElsewhere();
    const guessed = { ...newPerson(), password: 'a guess of somebody' };
    const before = cpuTicks(web);
    const replies = await Promise.all(Array.from({ length: count }, () => login(guessed)));
    return { ticks: cpuTicks(web) - before, statuses: replies.map(({ status }) => status) };
  };
  const few = await guess(4);
  expect(new Set(few.statuses)).toEqual(new Set([401]));
  const ofHash = few.ticks / 4;
  const many = await guess(tries);
  expect(new Set(many.statuses)).toEqual(new Set([401, 429]));
  const hashed = many.statuses.filter((status) => status === 401).length;
  expect(hashed).toBeLessThanOrEqual(8);
  expect(many.ticks).toBeLessThan(ofHash * (hashed + tries / 4));
}, 120_000);

test('ten tries in one request of the dashboard are ten tries', async () => {
  moveElsewhere();
  const { email } = newPerson();
  const names = Array(10).fill('auth.login').join(',');
  const body = Object.fromEntries(
    names.split(',').map((_name, at) => [at, { email, password: 'a guess' }]),
  );
  const origin = { origin: new URL(stack.url).origin };
  const base = `http://127.0.0.1:${new URL(stack.url).port}/api/trpc`;
  const { json, text } = await call('POST', `/${names}?batch=1`, origin, body, base);
  const statuses = (json as { error?: { data: { httpStatus: number } } }[]).map(
    ({ error }) => error?.data.httpStatus,
  );
  expect(
    statuses.filter((status) => status === 401),
    text,
  ).toHaveLength(8);
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
});

test('however many links to a new password are guessed, none is right, and the one of the mail is', async () => {
  moveElsewhere();
  const { email } = await registered();
  await call('POST', '/auth/password-resets', nobody, { email });
  const token = tokenIn(await mailTo(email, 'Set a new password'));
  const password = 'another long password';
  const set = (guess: string) =>
    call('POST', '/auth/password-resets/confirm', nobody, { token: guess, password });
  moveElsewhere();
  const guesses = Array.from({ length: tries }, (_, at) =>
    set(
      at % 2
        ? randomBytes(32).toString('base64url')
        : `${token.slice(0, -4)}${randomBytes(3).toString('base64url')}`,
    ),
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([422, 429]));
  moveElsewhere();
  const right = await set(token);
  expect(right.status, right.text).toBe(200);
  expect((await login({ email, password })).status).toBe(200);
});

/** Uses the tries of an account up that everybody shares, as guesses from everywhere would. */
async function holdUp(email: string): Promise<void> {
  const { countRequest } = await import('#server/platform/rate-limiter.ts');
  const { redisReady } = await import('#server/platform/redis.ts');
  await redisReady();
  while ((await countRequest(`sign-in-account:${email}`, 60)).allowed);
}

async function expectHeldUp(person: Person): Promise<void> {
  await holdUp(person.email);
  const { headers, json, status } = await login(person);
  expect([status, json.code]).toEqual([429, 'rate_limited']);
  expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
}

async function expectLetIn(person: Person): Promise<Reply> {
  await holdUp(person.email);
  const reply = await login(person);
  expect(reply.status, reply.text).toBe(200);
  return reply;
}

describe('while guesses come from everywhere at one account', () => {
  test('its owner is let in at home, also after signing out, and nobody elsewhere', async () => {
    moveElsewhere();
    const person = await registered();
    const { refresh_token } = (await login(person)).json;
    expect((await call('POST', '/auth/logout', nobody, { refresh_token })).status).toBe(200);
    await expectLetIn(person);
    moveElsewhere();
    await expectHeldUp(person);
  });

  test('its owner is let in anywhere by a new password, set by the mail', async () => {
    const { email } = await registered();
    moveElsewhere();
    await expectHeldUp({ email, password: 'whatever it was', name: '' });
    await call('POST', '/auth/password-resets', nobody, { email });
    const token = tokenIn(await mailTo(email, 'Set a new password'));
    const password = 'another long password';
    const set = await call('POST', '/auth/password-resets/confirm', nobody, { token, password });
    expect(set.status, set.text).toBe(200);
    await expectLetIn({ email, password, name: '' });
  });

  test('its owner, signed in, changes the password', async () => {
    const person = await registered();
    const { access_token } = (await login(person)).json;
    moveElsewhere();
    await expectHeldUp(person);
    const change = { current_password: person.password, password: 'another long password' };
    const changed = await call('POST', '/users/me/password', bearer(access_token), change);
    expect(changed.status, changed.text).toBe(200);
  });

  test('a browser on which the owner has signed in has tries of its own, and is good for no other account', async () => {
    const [person, other] = [await registered(), await registered()];
    const device = deviceOf(await signInByPage(person));
    expect(device.line).toMatch(
      /^nebula-device=[\w-]+\.[\w-]+; Path=\/; Max-Age=31536000; HttpOnly; SameSite=Lax$/,
    );
    moveElsewhere();
    const errorOf = async (who: Person, cookie: string) => {
      await holdUp(who.email);
      return new URL((await signInByPage(who, cookie)).json.url).searchParams.get('error');
    };
    expect(await errorOf(person, '')).toBe('rate_limited');
    expect(await errorOf(other, device.cookie)).toBe('rate_limited');
    expect(await errorOf(person, `${device.cookie}x`)).toBe('rate_limited');
    expect(await errorOf(person, device.cookie)).toBeNull();
    const wrong = { ...person, password: 'not the password' };
    for (let tries = 0; tries < 8; tries++) await countTry(person.email, device.cookie);
    expect(await errorOf(wrong, device.cookie)).toBe('rate_limited');
  });
});

const pages = `http://127.0.0.1:${new URL(stack.url).port}/api/auth`;
const firstOf = (line: string) => line.split(';')[0] ?? '';

/** Signs in as the form of the page does, from a browser that holds a cookie. */
async function signInByPage({ email, password }: Person, held = ''): Promise<Reply> {
  const csrf = await call('GET', '/csrf', nobody, undefined, pages);
  const cookie = [held, ...csrf.headers.getSetCookie().map(firstOf)].filter(Boolean).join('; ');
  const form = { email, password, csrfToken: csrf.json.csrfToken, json: 'true' };
  return call('POST', '/callback/credentials', { cookie }, form, pages);
}

function deviceOf({ headers }: Reply): { line: string; cookie: string } {
  const line = headers.getSetCookie().find((each) => each.startsWith('nebula-device=')) ?? '';
  return { line, cookie: firstOf(line) };
}

/** One try of the device, without the hash that it would cost. */
async function countTry(email: string, cookie: string): Promise<void> {
  const { countRequest } = await import('#server/platform/rate-limiter.ts');
  const [id] = cookie.slice('nebula-device='.length).split('.');
  await countRequest(`sign-in-device:${email}:${id}`, 8);
}
