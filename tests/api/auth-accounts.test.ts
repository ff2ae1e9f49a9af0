import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { bearer, call, moveElsewhere, nobody } from '../support/callers.ts';
import { linkIn, mailsTo, mailTo, tokenIn } from '../support/mails.ts';
import { login, newPerson, type Person, registered } from '../support/people.ts';
import { expectProblem } from '../support/problem.ts';
import { stack } from '../support/stack.ts';

// Anonymous callers are counted by their address.
beforeEach(() => moveElsewhere());

const register = (person: Record<string, unknown>) =>
  call('POST', '/auth/register', nobody, person);
const askForReset = (email: string) => call('POST', '/auth/password-resets', nobody, { email });
const setPassword = (token: string, password: string) =>
  call('POST', '/auth/password-resets/confirm', nobody, { token, password });

describe('an account', () => {
  test('is made, confirmed by its mail, and signed in to', async () => {
    const person = newPerson();
    expect((await register(person)).status).toBe(201);
    expect((await login(person)).status).toBe(401);
    const mail = await mailTo(person.email, 'Confirm your address');
    expect(linkIn(mail).origin).toBe(new URL(stack.url).origin);
    expect(mail.html).toContain('Welcome, Ada');
    const confirm = () =>
      call('POST', '/auth/email-verifications/confirm', nobody, { token: tokenIn(mail) });
    expect((await confirm()).status).toBe(200);
    const again = await confirm();
    expectProblem(again, again.text, 'invalid_input');
    const { json, status } = await login(person);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      token_type: 'Bearer',
      expires_in: 900,
      refresh_expires_in: 604800,
    });
    const me = await call('GET', '/users/me', bearer(json.access_token));
    expect(me.json).toMatchObject({
      object: 'user',
      email: person.email,
      name: 'Ada',
      plan: 'free',
    });
    await mailTo(person.email, 'Your account is ready');
  });

  test('is one, however many register its address at once', async () => {
    const person = newPerson();
    const replies = await Promise.all(Array.from({ length: 8 }, () => register(person)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    await mailTo(person.email, 'You have an account already');
    const mails = await mailsTo(person.email);
    expect(mails.filter(({ subject }) => subject === 'Confirm your address')).toHaveLength(1);
  });

  test('is renamed, exported and deleted by its owner, and its keys and tokens end with it', async () => {
    const person = await registered();
    const me = bearer((await login(person)).json.access_token);
    const renamed = await call('PATCH', '/users/me', me, { name: 'Ada Lovelace' });
    expect(renamed.json.name).toBe('Ada Lovelace');
    const key = await call('POST', '/api-keys', me, {
      name: 'mine',
      mode: 'live',
      scopes: ['usage:read'],
    });
    expect((await call('GET', '/usage', bearer(key.json.key))).status).toBe(200);
    expect((await mailTo(person.email, 'An API key was made')).text).not.toContain(key.json.key);
    const { json: data } = await call('GET', '/users/me/export', me);
    expect(data.user.email).toBe(person.email);
    expect(data.api_keys).toHaveLength(1);
    expect(JSON.stringify(data)).not.toContain(key.json.key);
    const wrong = await call('DELETE', '/users/me?confirm=other@example.com', me);
    expectProblem(wrong, wrong.text, 'invalid_input');
    const deleted = await call('DELETE', `/users/me?confirm=${person.email}`, me);
    expect(deleted.status, deleted.text).toBe(200);
    const gone = async () => [
      (await call('GET', '/users/me', me)).status,
      (await call('GET', '/usage', bearer(key.json.key))).status,
    ];
    await expect.poll(gone, { timeout: 6_000, interval: 200 }).toEqual([401, 401]);
    expect((await login(person)).status).toBe(401);
    expect((await register(person)).status).toBe(201);
  });

  test('cannot be given a role or a plan by whoever makes or changes it', async () => {
    for (const extra of [{ role: 'admin' }, { plan: 'pro' }, { id: 'usr_1' }, { createdAt: 1 }]) {
      const reply = await register({ ...newPerson(), ...extra });
      expectProblem(reply, reply.text, 'invalid_input');
    }
    const me = bearer((await login(await registered())).json.access_token);
    const reply = await call('PATCH', '/users/me', me, { name: 'x', role: 'admin' });
    expectProblem(reply, reply.text, 'invalid_input');
  });
});

describe('an address', () => {
  const name = randomUUID();
  test('is one in each of its spellings', async () => {
    const person = await registered({ ...newPerson(), email: `${name}@example.com` });
    const spellings = [
      `  ${name.toUpperCase()}@Example.COM `,
      `${name}＠example.com`,
      `${name}@ｅxample.com`,
    ];
    for (const email of spellings)
      expect((await login({ ...person, email })).status, email).toBe(200);
  });

  test.each([
    ['two addresses', 'a@example.com,b@example.com'],
    ['two by a semicolon', 'a@example.com;b@example.com'],
    ['a line break', 'a@example.com\r\nBcc: b@example.com'],
    ['a quoted local part', '"a@b"@example.com'],
    ['a name around it', 'Ada <a@example.com>'],
    ['no domain', 'ada'],
    ['ten thousand characters', `${'a'.repeat(10_000)}@example.com`],
    ['nothing', ''],
  ])('%s is none', async (_what, email) => {
    const reply = await register({ ...newPerson(), email });
    expect(expectProblem(reply, reply.text, 'invalid_input').param).toBe('email');
  });

  test('that only looks like another one is another account', async () => {
    const person = await registered({ ...newPerson(), email: `${name}-ae@example.com` });
    // A Cyrillic letter, and a name of another alphabet: neither folds to the Latin one.
    for (const email of [`${name}-\u0430e@example.com`, `${name}-ae@ex\u0430mple.com`]) {
      expect([401, 422], email).toContain((await login({ ...person, email })).status);
      await call('POST', '/auth/password-resets', nobody, { email });
    }
    expect((await login(person)).status).toBe(200);
    await askForReset(person.email);
    await mailTo(person.email, 'Set a new password');
    const resets = (await mailsTo(person.email)).filter(({ text }) =>
      text.includes('/reset-password'),
    );
    expect(resets).toHaveLength(1);
  });

  test('in a name is text: nothing of it is markup, a header or a template', async () => {
    const person = { ...newPerson(), name: '<b>{{7*7}}</b> #{7*7} Bcc: x@example.com' };
    await register(person);
    const mail = await mailTo(person.email, 'Confirm your address');
    expect(mail.to).toBe(person.email);
    expect(mail.text).toContain(person.name);
    expect(mail.html).not.toContain('<b>{{');
    expect(mail.html).toContain('&lt;b&gt;{{7*7}}');
    const broken = await register({ ...newPerson(), name: 'Ada\r\nBcc: x@example.com' });
    expect(expectProblem(broken, broken.text, 'invalid_input').param).toBe('name');
  });
});

describe('a password', () => {
  test.each([
    ['of seven characters', 'seven77'],
    ['of 73 bytes', 'x'.repeat(73)],
    ['of 73 bytes in fewer characters', `${'ü'.repeat(36)}x`],
    ['with NUL', 'long enough\0password'],
    ['of a megabyte', 'x'.repeat(1_000_000)],
  ])('%s is refused when it is set', async (_what, password) => {
    const reply = await register({ ...newPerson(), password });
    expectProblem(reply, reply.text, reply.status === 413 ? 'file_too_large' : 'invalid_input');
  });

  test('of 72 bytes counts to its last byte', async () => {
    const person = await registered({ ...newPerson(), password: 'x'.repeat(72) });
    expect((await login(person)).status).toBe(200);
    expect((await login({ ...person, password: `${'x'.repeat(71)}y` })).status).toBe(401);
    expect((await login({ ...person, password: 'x'.repeat(73) })).status).toBe(401);
  });

  test('is changed by its owner, who knows the one before, and other sessions end', async () => {
    const person = await registered();
    const [mine, other] = [(await login(person)).json, (await login(person)).json];
    const change = (current_password: string) =>
      call('POST', '/users/me/password', bearer(mine.access_token), {
        current_password,
        password: 'another long password',
      });
    const wrong = await change('not the password');
    expect(expectProblem(wrong, wrong.text, 'invalid_input').param).toBe('current_password');
    expect((await change(person.password)).status).toBe(200);
    const statuses = async () => [
      (await call('GET', '/users/me', bearer(mine.access_token))).status,
      (await call('GET', '/users/me', bearer(other.access_token))).status,
    ];
    await expect.poll(statuses, { timeout: 6_000, interval: 200 }).toEqual([200, 401]);
    expect((await login(person)).status).toBe(401);
    expect((await login({ ...person, password: 'another long password' })).status).toBe(200);
    await mailTo(person.email, 'Your password was changed');
  });
});

describe('a forgotten password', () => {
  test('is set anew by the mail, once, and every session ends while keys go on', async () => {
    const person = await registered();
    const { json } = await login(person);
    const me = bearer(json.access_token);
    const facts = { name: 'mine', mode: 'live', scopes: ['usage:read'] };
    const key = (await call('POST', '/api-keys', me, facts)).json.key;
    await askForReset(person.email);
    const mail = await mailTo(person.email, 'Set a new password');
    const token = tokenIn(mail);
    expect(linkIn(mail).origin).toBe(new URL(stack.url).origin);
    const password = 'another long password';
    const tries = await Promise.all(Array.from({ length: 6 }, () => setPassword(token, password)));
    expect(tries.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422, 422]);
    const status = async () => (await call('GET', '/users/me', me)).status;
    await expect.poll(status, { timeout: 6_000, interval: 200 }).toBe(401);
    expect((await call('POST', '/auth/refresh', nobody, json)).status).not.toBe(200);
    expect((await login(person)).status).toBe(401);
    expect((await login({ ...person, password })).status).toBe(200);
    expect((await call('GET', '/usage', bearer(key))).status).toBe(200);
  });

  test('takes no link that was sent before a password was set, by another link or in the settings', async () => {
    const person = await registered();
    const { email } = person;
    /** Each link that was sent so far, once there are so many. */
    const links = async (count: number) => {
      await askForReset(email);
      const sent = async () =>
        (await mailsTo(email)).filter(({ subject }) => subject === 'Set a new password');
      await expect.poll(async () => (await sent()).length, { timeout: 20_000 }).toBe(count);
      return (await sent()).map(tokenIn);
    };
    const expectSpent = async (token: string) => {
      const reply = await setPassword(token, 'a password of a stranger');
      expect(expectProblem(reply, reply.text, 'invalid_input').param).toBe('token');
    };
    const [first = ''] = await links(1);
    const second = (await links(2)).find((token) => token !== first) ?? '';
    const password = 'another long password';
    expect((await setPassword(second, password)).status).toBe(200);
    await expectSpent(first);
    const third = (await links(3)).find((token) => token !== first && token !== second) ?? '';
    const me = bearer((await login({ email, password })).json.access_token);
    const change = { current_password: password, password: 'a third long password' };
    expect((await call('POST', '/users/me/password', me, change)).status).toBe(200);
    await expectSpent(third);
    expect((await login({ email, password: change.password })).status).toBe(200);
  });

  test('takes no link of another kind, no guess and no old link', async () => {
    const person = newPerson();
    await register(person);
    const verify = tokenIn(await mailTo(person.email, 'Confirm your address'));
    for (const token of [verify, '', 'x'.repeat(43), `${verify}x`]) {
      const reply = await setPassword(token, 'another long password');
      expect(expectProblem(reply, reply.text, 'invalid_input').param).toBe('token');
    }
    await askForReset(person.email);
    const token = tokenIn(await mailTo(person.email, 'Set a new password'));
    const { database } = await import('#server/database.ts');
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update(token).digest('base64url');
    const { data: row } = await database().mailToken.get({ kind: 'reset', hash }).go();
    expect((row?.expiresAt ?? 0) - Date.now() / 1000).toBeLessThanOrEqual(1800);
    const past = { kind: 'reset', hash, accountId: row?.accountId ?? '', expiresAt: 1 } as const;
    await database().mailToken.put(past).go();
    const late = await setPassword(token, 'another long password');
    expectProblem(late, late.text, 'invalid_input');
  });

  test('follows no address that a request names for our own', async () => {
    const person = await registered();
    await call(
      'POST',
      '/auth/password-resets',
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
      { email: person.email },
    );
    const mail = await mailTo(person.email, 'Set a new password');
    expect(mail.html + mail.text).not.toContain('evil.example');
  });
});

describe('nobody learns who has an account', () => {
  let known: Person;
  beforeEach(async () => {
    known ??= await registered();
  });

  test.each<[string, (person: Person) => ReturnType<typeof call>]>([
    ['by registering', (person) => register(person)],
    ['by a wrong password', (person) => login({ ...person, password: 'not the password' })],
    ['by asking for a reset', ({ email }) => askForReset(email)],
    [
      'by asking for the mail again',
      ({ email }) => call('POST', '/auth/email-verifications', nobody, { email }),
    ],
  ])('%s', async (_how, ask) => {
    const [mine, strange] = [await ask(known), await ask(newPerson())];
    expect(mine.status).toBe(strange.status);
    const facts = ({ request_id: _id, ...rest }: Record<string, unknown>) => rest;
    expect(facts(mine.json)).toEqual(facts(strange.json));
  });
});

test('guessing is slowed down at one address, and the owner comes in from another', async () => {
  const person = await registered();
  const guesses = await Promise.all(
    Array.from({ length: 12 }, (_, guess) => login({ ...person, password: `guess ${guess}` })),
  );
  const statuses = guesses.map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(8);
  const here = await login(person);
  expectProblem(here, here.text, 'rate_limited');
  moveElsewhere();
  expect((await login(person)).status).toBe(200);
});
