import { createHmac, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bearer, call, moveElsewhere, nobody } from '../support/callers.ts';
import { linkIn, mailTo, tokenIn } from '../support/mails.ts';
import { login, newPerson, type Person, refresh, registered } from '../support/people.ts';
import { expectProblem } from '../support/problem.ts';
import { requestHead, sendRaw } from '../support/raw.ts';
import { dumpTable, holdersOf } from '../support/secrets.ts';
import { stack } from '../support/stack.ts';

/** Each of 20 refreshes at once. */
const rounds = Number(process.env.REFRESH_ROUNDS ?? 20);

let person: Person;
beforeAll(async () => {
  person = await registered();
});
beforeEach(() => moveElsewhere());

const status = async (token: string) => (await call('GET', '/users/me', bearer(token))).status;
const endsSoon = (token: string) =>
  expect.poll(() => status(token), { timeout: 6_000, interval: 200 }).toBe(401);

/** Lets a session's last rotation be longer ago than the grace. */
async function passGrace(accessToken: string): Promise<void> {
  const { sid, sub } = JSON.parse(atob(accessToken.split('.')[1] ?? '')) as Record<string, string>;
  const { database } = await import('#server/database.ts');
  const key = { accountId: sub ?? '', id: sid ?? '' };
  await database()
    .session.patch(key)
    .set({ rotatedAt: Date.now() - 10_001 })
    .go();
}

describe('a refresh token', () => {
  test('gives new tokens, and the same ones again for an answer that was lost', async () => {
    const first = (await login(person)).json;
    const second = (await refresh(first.refresh_token)).json;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await status(second.access_token)).toBe(200);
    const again = (await refresh(first.refresh_token)).json;
    expect(again.refresh_token).toBe(second.refresh_token);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  test('that is used again after its grace ends the session, and the owner is told', async () => {
    const first = (await login(person)).json;
    const second = (await refresh(first.refresh_token)).json;
    await passGrace(second.access_token);
    const reused = await refresh(first.refresh_token);
    expectProblem(reused, reused.text, 'unauthenticated');
    const next = await refresh(second.refresh_token);
    expectProblem(next, next.text, 'unauthenticated');
    await endsSoon(second.access_token);
    const mail = await mailTo(person.email, 'A session was ended for your safety');
    // The page is there: it sends whoever is not signed in to the sign-in, and back.
    const { hash, pathname } = linkIn(mail);
    const page = await fetch(stack.url + pathname, { redirect: 'manual' });
    expect(page.headers.get('location')).toBe(`/sign-in?from=${encodeURIComponent(pathname)}`);
    expect(hash).toBe('#sessions');
    const me = bearer((await login(person)).json.access_token);
    const { json } = await call('GET', '/audit-logs?limit=20', me);
    expect(JSON.stringify(json)).toContain('an old refresh token was used again');
  });

  test('two steps back ends the session at once', async () => {
    const first = (await login(person)).json;
    const second = (await refresh(first.refresh_token)).json;
    const third = (await refresh(second.refresh_token)).json;
    expect((await refresh(first.refresh_token)).status).toBe(401);
    expect((await refresh(third.refresh_token)).status).toBe(401);
  });

  test('has one successor, whichever of 20 that race for it, round after round', async () => {
    let { refresh_token: token } = (await login(person)).json;
    for (let round = 0; round < rounds; round++) {
      moveElsewhere();
      const replies = await Promise.all(Array.from({ length: 20 }, () => refresh(token)));
      expect(replies.map((reply) => reply.status)).toEqual(Array(20).fill(200));
      const successors = new Set(replies.map(({ json }) => json.refresh_token));
      expect(successors.size).toBe(1);
      [token] = successors;
    }
  }, 300_000);

  test.each([
    ['nothing', () => ''],
    ['an access token', (tokens: Tokens) => tokens.access_token],
    [
      'one with another generation',
      ({ refresh_token }: Tokens) => changed(refresh_token, '.0', '.7'),
    ],
    [
      'one of another account',
      ({ refresh_token }: Tokens) => changed(refresh_token, 'usr_', 'usr_0'),
    ],
    ['one whose mark lost its end', ({ refresh_token }: Tokens) => refresh_token.slice(0, -1)],
    ['one without a mark', ({ refresh_token }: Tokens) => refresh_token.split('.')[0] ?? ''],
  ])('%s is none', async (_what, make) => {
    const reply = await refresh(make((await login(person)).json));
    expectProblem(reply, reply.text, 'unauthenticated');
  });
});

type Tokens = { access_token: string; refresh_token: string };

function changed(token: string, from: string, to: string): string {
  const [body = '', mark] = token.slice(4).split('.');
  const text = Buffer.from(body, 'base64url').toString().replace(from, to);
  return `nbr_${Buffer.from(text).toString('base64url')}.${mark}`;
}

describe('an access token', () => {
  type Claims = Record<string, unknown>;
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  let token: string;
  let claims: Claims;
  beforeAll(async () => {
    token = (await login(person)).json.access_token;
    claims = JSON.parse(atob(token.split('.')[1] ?? '')) as Claims;
  });

  /** A token that is signed as ours are, with whatever claims. */
  const sign = async (change: Claims, header: Claims = {}) => {
    const { hkdfSync } = await import('node:crypto');
    const secret = stack.env.AUTH_SECRET ?? '';
    const key = new Uint8Array(hkdfSync('sha256', secret, 'nebula', 'token:access', 32));
    const body = `${encode({ alg: 'HS256', typ: 'at+jwt', ...header })}.${encode({ ...claims, ...change })}`;
    return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
  };

  test('signed as ours are is accepted: the forgeries below differ in one thing', async () => {
    expect(await status(await sign({}))).toBe(200);
  });

  const now = Math.floor(Date.now() / 1000);
  test.each<[string, () => Promise<string> | string]>([
    ['without a signature', () => `${encode({ alg: 'none' })}.${encode(claims)}.`],
    ['with an empty signature', () => `${token.split('.').slice(0, 2).join('.')}.`],
    ['of algorithm none with our signature', () => sign({}, { alg: 'none' })],
    ['of an algorithm with keys in pairs', () => sign({}, { alg: 'RS256' })],
    ['of another type', () => sign({}, { typ: 'JWT' })],
    ['whose header names a critical extension', () => sign({}, { crit: ['x'], x: 1 })],
    ['that is over', () => sign({ exp: now - 60, iat: now - 960 })],
    ['that ends in the year 9999', () => sign({ exp: 253_370_764_800, iat: now - 1000 })],
    ['whose end is text', () => sign({ exp: 'tomorrow' })],
    ['whose end is no whole second', () => sign({ exp: Number(claims.exp) - 0.5 })],
    ['whose end is a number as text', () => sign({ exp: String(claims.exp) })],
    ['without an end', () => sign({ exp: undefined })],
    ['that is not yet good', () => sign({ nbf: now + 300 })],
    ['from five minutes ahead', () => sign({ iat: now + 300, exp: now + 1200 })],
    ['of another issuer', () => sign({ iss: 'somebody' })],
    ['for another service', () => sign({ aud: 'media-service' })],
    ['without a session', () => sign({ sid: undefined })],
    ['of a session of somebody else', () => sign({ sub: 'usr_01ARZ3NDEKTSV4RRFFQ69G5FAV' })],
    ['of a session that never was', () => sign({ sid: 'ses_01ARZ3NDEKTSV4RRFFQ69G5FAV' })],
    ['of eight kilobytes', () => `${token}${'x'.repeat(7_000)}`],
    [
      'signed with the secret itself',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
          .sign(new TextEncoder().encode(stack.env.AUTH_SECRET)),
    ],
    [
      'with a key in its header',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', jwk: { kty: 'oct' } })
          .sign(new Uint8Array(3)),
    ],
    ...['jku', 'x5u'].map((name): [string, () => Promise<string>] => [
      `with the address of a key in ${name}`,
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', [name]: 'http://127.0.0.1/key' })
          .sign(new Uint8Array(32)),
    ]),
    ['of an algorithm in another spelling of none', () => sign({}, { alg: 'nOnE' })],
    ['of another algorithm with our key', () => sign({}, { alg: 'HS512' })],
    ['whose parts are no JSON', () => `${'e30'.repeat(3)}.${'!'.repeat(9)}.x`],
    [
      'with a file for a key',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: '../../dev/null' })
          .sign(new Uint8Array(1)),
    ],
  ])('%s is none', async (_what, forge) => {
    const reply = await call('GET', '/users/me', bearer(await forge()));
    expectProblem(reply, reply.text, 'unauthenticated');
  });

  test('of a megabyte is refused before it is read: the head of a request is smaller', async () => {
    const head = requestHead('GET /api/v1/users/me', bearer('x'.repeat(1_000_000)));
    expect((await sendRaw(head))?.status).toBe(431);
    const long = await call('POST', '/auth/refresh', nobody, {
      refresh_token: 'x'.repeat(1_000_000),
    });
    expect([413, 422]).toContain(long.status);
  });

  test('is no refresh token, and a refresh token is no access token', async () => {
    const { refresh_token } = (await login(person)).json;
    expect(await status(refresh_token)).toBe(401);
  });
});

describe('sessions', () => {
  test('are listed with their device, and each can be ended', async () => {
    const mine = (await login(person)).json;
    const other = (await login(person)).json;
    const me = bearer(mine.access_token);
    const list = async () => (await call('GET', '/users/me/sessions', me)).json.data;
    const sessions = await list();
    const current = sessions.find((session: { is_current: boolean }) => session.is_current);
    expect(current).toMatchObject({
      object: 'session',
      kind: 'token',
      address: expect.any(String),
    });
    const { sid } = JSON.parse(atob(other.access_token.split('.')[1]));
    expect(sessions.map(({ id }: { id: string }) => id)).toContain(sid);
    expect((await call('DELETE', `/users/me/sessions/${sid}`, me)).status).toBe(200);
    await endsSoon(other.access_token);
    expect((await refresh(other.refresh_token)).status).toBe(401);
    expect(await status(mine.access_token)).toBe(200);
    expect((await list()).map(({ id }: { id: string }) => id)).not.toContain(sid);
  });

  test('end when their owner signs out', async () => {
    const { access_token, refresh_token } = (await login(person)).json;
    expect((await call('POST', '/auth/logout', nobody, { refresh_token })).status).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(401);
    await endsSoon(access_token);
    expect((await call('POST', '/auth/logout', nobody, { refresh_token })).status).toBe(200);
  });
});

test('no token, link or password lies in the table, in a log or in any other file', async () => {
  const owner = { ...newPerson(), password: `known to ${randomUUID()}` };
  const { email } = owner;
  await call('POST', '/auth/register', nobody, owner);
  const links = [tokenIn(await mailTo(email, 'Confirm your address'))];
  await call('POST', '/auth/email-verifications/confirm', nobody, { token: links[0] });
  const first = (await login(owner)).json;
  const second = (await refresh(first.refresh_token)).json;
  await call('POST', '/auth/password-resets', nobody, { email });
  const reset = tokenIn(await mailTo(email, 'Set a new password'));
  const endpoint = await call('POST', '/webhook-endpoints', bearer(second.access_token), {
    url: 'https://example.com/hooks',
    events: ['job.succeeded'],
  });
  expect(endpoint.status, endpoint.text).toBe(201);
  const tokens = [first, second].flatMap(({ access_token, refresh_token }) => [
    access_token,
    refresh_token,
    refresh_token.split('.')[1],
  ]);
  // Wrong ways to send them: what is refused is logged too.
  await call('GET', `/users/me?access_token=${first.access_token}&reset=${reset}`, nobody);
  await call('POST', '/auth/login', nobody, { ...owner, token: reset });
  expect(await dumpTable()).toContain(email);
  const secrets = [...tokens, ...links, reset, owner.password, endpoint.json.secret.slice(6)];
  const isMail = (path: string) => path.endsWith('.eml');
  expect((await holdersOf(secrets)).filter((path) => !isMail(path))).toEqual([]);
});

describe('an Idempotency-Key of somebody who is not signed in', () => {
  test('gives a refresh whose answer was lost the same tokens again, and they work', async () => {
    const { refresh_token } = (await login(await registered())).json;
    const key = { 'idempotency-key': `lost-${refresh_token.slice(-12)}` };
    const ask = () => call('POST', '/auth/refresh', key, { refresh_token });
    const first = await ask();
    expect(first.status, first.text).toBe(200);
    const again = await ask();
    expect([again.status, again.json]).toEqual([200, first.json]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await call('GET', '/users/me', bearer(again.json.access_token))).status).toBe(200);
  });

  test("is nobody else's: another request of the same key has an answer of its own", async () => {
    const people = [await registered(), await registered()];
    const key = { 'idempotency-key': '1' };
    for (const { email, password } of people) {
      const { headers, json, status } = await call('POST', '/auth/login', key, { email, password });
      expect(status).toBe(200);
      expect(headers.get('idempotency-replayed')).toBeNull();
      expect((await call('GET', '/users/me', bearer(json.access_token))).json.email).toBe(email);
    }
  });
});
