import { randomUUID } from 'node:crypto';
import { Events, OAuth2Server } from 'oauth2-mock-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { call, moveElsewhere, nobody } from '../support/callers.ts';
import { mailsTo, mailTo } from '../support/mails.ts';
import { stack } from '../support/stack.ts';

const pages = `http://127.0.0.1:${new URL(stack.url).port}/api/auth`;

type Facts = Record<string, unknown>;
type Page = { status: number; location: string | null; text: string };
/** Cookies of one browser, by name. */
type Browser = Map<string, string>;
/** A sign-in that has come back from Google, and was not yet handed on to us. */
type Attempt = { browser: Browser; callback: URL; nonce: string };

let google: OAuth2Server;
/** Who is signed in over there. */
let email = '';
/** What the peer says otherwise than it would: in its tokens, and in the answer that carries them. */
let changeToken: (payload: Facts) => void;
let changeAnswer: (answer: { body: Facts | string; statusCode: number }) => void;

beforeAll(async () => {
  google = new OAuth2Server();
  await google.issuer.keys.generate('RS256');
  google.service.on(Events.BeforeTokenSigning, ({ payload }: { payload: Facts }) => {
    Object.assign(payload, { sub: email, email, email_verified: true, name: 'Grace' });
    changeToken(payload);
  });
  google.service.on(Events.BeforeResponse, (answer) => changeAnswer(answer));
  const { hostname, port } = new URL(stack.env.GOOGLE_ISSUER ?? '');
  await google.start(Number(port), hostname);
});
afterAll(() => google.stop());
beforeEach(() => {
  moveElsewhere();
  email = `${randomUUID()}@example.com`;
  changeToken = () => {};
  changeAnswer = () => {};
});

/** Calls a page of the sign-in as a browser does: with its cookies, and keeps those of the answer. */
async function visit(browser: Browser, path: string, body?: Record<string, string>): Promise<Page> {
  const cookie = [...browser].map(([name, value]) => `${name}=${value}`).join('; ');
  const form = body && { method: 'POST', body: new URLSearchParams(body) };
  const reply = await fetch(pages + path, { ...form, headers: { cookie }, redirect: 'manual' });
  for (const line of reply.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value) browser.set(name, value);
    else browser.delete(name);
  }
  return {
    status: reply.status,
    location: reply.headers.get('location'),
    text: await reply.text(),
  };
}

/** Goes to Google and back, up to the address that Google sends the browser to. */
async function begin(browser: Browser = new Map()): Promise<Attempt> {
  const { csrfToken } = JSON.parse((await visit(browser, '/csrf')).text);
  const { text } = await visit(browser, '/signin/google', { csrfToken, json: 'true' });
  const authorize = new URL(JSON.parse(text).url);
  const back = await fetch(authorize, { redirect: 'manual' });
  const callback = new URL(back.headers.get('location') ?? '');
  return { browser, callback, nonce: authorize.searchParams.get('nonce') ?? '' };
}

const finish = ({ browser, callback }: Attempt) =>
  visit(browser, callback.pathname.replace('/api/auth', '') + callback.search);

const cookieNamed = (browser: Browser, part: string) =>
  [...browser.keys()].find((name) => name.includes(part)) ?? '';

async function statusOf(browser: Browser): Promise<number> {
  const cookie = `nebula-session=${browser.get('nebula-session') ?? ''}`;
  return (await call('GET', '/users/me', { cookie })).status;
}

/** The way ends at a page that names an error; nobody is signed in, and no account was made. */
async function expectNobody({ location, status, text }: Page, browser: Browser): Promise<void> {
  expect(status, text.slice(0, 200)).toBe(302);
  const to = new URL(location ?? '', stack.url);
  expect(to.origin).toBe(new URL(stack.url).origin);
  expect(to.searchParams.get('error'), to.href).toBeTruthy();
  expect(to.href).not.toMatch(/nonce|verifier|node_modules|TypeError/);
  expect(browser.get('nebula-session')).toBeUndefined();
  expect(await statusOf(browser)).toBe(401);
  const { findAccountByEmail } = await import('#server/modules/account/service.ts');
  expect(await findAccountByEmail(email)).toBeUndefined();
}

test('an honest way to Google and back signs in: the attacks below differ in one thing', async () => {
  const attempt = await begin();
  await finish(attempt);
  expect(await statusOf(attempt.browser)).toBe(200);
});

test('an account that Google makes is welcomed once, and told of every browser but its first', async () => {
  const signIn = async (browser?: Browser) => {
    const attempt = await begin(browser);
    await finish(attempt);
    expect(await statusOf(attempt.browser)).toBe(200);
    return attempt.browser;
  };
  const subjects = async () => (await mailsTo(email)).map(({ subject }) => subject);
  const browser = await signIn();
  await mailTo(email, 'Your account is ready');
  await signIn(browser);
  await signIn();
  await mailTo(email, 'A new device has signed in');
  expect((await subjects()).sort()).toEqual([
    'A new device has signed in',
    'Your account is ready',
  ]);
});

describe('a token of Google signs nobody in', () => {
  const tokens: Record<string, (payload: Facts, earlier: string) => void> = {
    'without the nonce': (payload) => delete payload.nonce,
    'with another nonce': (payload) => Object.assign(payload, { nonce: randomUUID() }),
    'with the nonce of an earlier sign-in': (payload, nonce) => Object.assign(payload, { nonce }),
    'of another issuer': (payload) => Object.assign(payload, { iss: 'https://evil.example' }),
    'for another client': (payload) => Object.assign(payload, { aud: 'somebody' }),
    'that is over': (payload) =>
      Object.assign(payload, { exp: Math.floor(Date.now() / 1000) - 600 }),
  };
  test.each(Object.keys(tokens))('%s', async (what) => {
    const earlier = await begin();
    const attempt = await begin();
    changeToken = (payload) => tokens[what]?.(payload, earlier.nonce);
    await expectNobody(await finish(attempt), attempt.browser);
  });

  test('that was changed after it was signed', async () => {
    const attempt = await begin();
    changeAnswer = ({ body }) => {
      const { id_token } = body as { id_token: string };
      const [head, payload = '', mark] = id_token.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Facts;
      const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody else' }));
      Object.assign(body, { id_token: `${head}.${forged.toString('base64url')}.${mark}` });
    };
    await expectNobody(await finish(attempt), attempt.browser);
  });

  test('where the answer of Google has none', async () => {
    const attempt = await begin();
    changeAnswer = ({ body }) => delete (body as Facts).id_token;
    await expectNobody(await finish(attempt), attempt.browser);
  });
});

describe('a way back from Google signs nobody in', () => {
  test.each(['state', 'nonce', 'pkce.code_verifier'])(
    'to a browser without its %s',
    async (name) => {
      const attempt = await begin();
      expect(attempt.browser.delete(cookieNamed(attempt.browser, name))).toBe(true);
      await expectNobody(await finish(attempt), attempt.browser);
    },
  );

  test.each(['state', 'nonce', 'pkce.code_verifier'])(
    'with the %s of another sign-in',
    async (name) => {
      const [attempt, other] = [await begin(), await begin()];
      const cookie = cookieNamed(attempt.browser, name);
      attempt.browser.set(cookie, other.browser.get(cookie) ?? '');
      await expectNobody(await finish(attempt), attempt.browser);
    },
  );

  test('that another browser has begun', async () => {
    const [attempt, other] = [await begin(), await begin()];
    const swapped = { ...other, callback: attempt.callback };
    await expectNobody(await finish(swapped), other.browser);
  });

  test('with the code of another browser beside the own state', async () => {
    const [attempt, other] = [await begin(), await begin()];
    attempt.callback.searchParams.set('code', other.callback.searchParams.get('code') ?? '');
    await expectNobody(await finish(attempt), attempt.browser);
  });

  test('a second time, even with the cookies of the first', async () => {
    const attempt = await begin();
    const copy = { ...attempt, browser: new Map(attempt.browser) };
    await finish(attempt);
    expect(await statusOf(attempt.browser)).toBe(200);
    const again = await finish(copy);
    expect(new URL(again.location ?? '').searchParams.get('error')).toBeTruthy();
    expect(await statusOf(copy.browser)).toBe(401);
  });
});

describe('an error of Google signs nobody in', () => {
  test.each(['access_denied', 'server_error', '<script>', 'x'.repeat(2000)])(
    'said on the way back: %s',
    async (error) => {
      const attempt = await begin();
      attempt.callback.searchParams.set('error', error);
      attempt.callback.searchParams.set('error_description', '<img src=x onerror=alert(1)>');
      const reply = await finish(attempt);
      await expectNobody(reply, attempt.browser);
      expect(reply.text + reply.location).not.toMatch(/<script|<img/);
    },
  );

  const answers: [what: string, body: Facts | string, statusCode: number][] = [
    ['a code that it does not know', { error: 'invalid_grant' }, 400],
    ['a client that it does not know', { error: 'invalid_client' }, 401],
    ['a fault of its own', 'broken', 500],
    ['nothing', {}, 200],
    ['something that is no JSON object', 'fine', 200],
  ];
  test.each(answers)('in the place of tokens: %s', async (_what, body, statusCode) => {
    const attempt = await begin();
    changeAnswer = (answer) => Object.assign(answer, { body, statusCode });
    await expectNobody(await finish(attempt), attempt.browser);
  });

  test('at the very start, and the sign-in page goes on', async () => {
    google.service.once(Events.BeforeWellKnownOpenIdConfiguration, (answer) => {
      answer.statusCode = 500;
    });
    const browser: Browser = new Map();
    const { csrfToken } = JSON.parse((await visit(browser, '/csrf')).text);
    const { text } = await visit(browser, '/signin/google', { csrfToken, json: 'true' });
    expect(new URL(JSON.parse(text).url).searchParams.get('error')).toBeTruthy();
    expect((await call('GET', '/sign-in', nobody, undefined, stack.url)).status).toBe(200);
    await finish(await begin(browser));
    expect(await statusOf(browser)).toBe(200);
  });
});
