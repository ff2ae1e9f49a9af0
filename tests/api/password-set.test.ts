import { beforeEach, describe, expect, test } from 'vitest';
import { bearer, call, moveElsewhere } from '../support/callers.ts';
import { mailTo, tokenIn } from '../support/mails.ts';
import { login, newPerson, refresh } from '../support/people.ts';

beforeEach(() => moveElsewhere());

const source = { actor: { kind: 'system' as const }, address: '127.0.0.1' };
const password = 'another long password';
const accounts = () => import('#server/modules/account/service.ts');
const auth = () => import('#server/modules/auth/service.ts');

async function newOwner() {
  const person = newPerson();
  const account = await (await accounts()).createAccount(person);
  return { account, person };
}

async function reset(email: string): Promise<void> {
  const { confirmReset, requestReset } = await auth();
  await requestReset(email);
  const token = tokenIn(await mailTo(email, 'Set a new password'));
  await confirmReset(token, password, source);
}

const statusOf = async (accessToken: string) =>
  (await call('GET', '/users/me', bearer(accessToken))).status;

async function expectEnded(tokens: { accessToken: string; refreshToken: string }) {
  const status = () => statusOf(tokens.accessToken);
  await expect.poll(status, { timeout: 30_000, interval: 500 }).toBe(401);
  expect((await refresh(tokens.refreshToken)).status).toBe(401);
  expect(await status()).toBe(401);
}

describe('a new password ends every session that began before it', () => {
  test('though the process dies before it has ended one', async () => {
    const { account, person } = await newOwner();
    const { access_token: accessToken, refresh_token: refreshToken } = (await login(person)).json;
    expect(await statusOf(accessToken)).toBe(200);
    expect(await (await accounts()).setPassword(account, password)).toBe(true);
    await expectEnded({ accessToken, refreshToken });
    expect((await login({ ...person, password })).status).toBe(200);
  });

  test('a sign-in with the old one that was on its way included', async () => {
    const { person } = await newOwner();
    const { checkPassword } = await accounts();
    const { firstTokens, startSession } = await auth();
    const shown = await checkPassword(person.email, person.password);
    if (!shown) throw new Error('the password is wrong');
    await reset(person.email);
    const session = await startSession(shown, 'token', { address: '127.0.0.1' });
    await expectEnded(await firstTokens(shown, session));
  });

  test('and whoever knew the old one sets no other that was on its way', async () => {
    const { person } = await newOwner();
    const { checkPassword } = await accounts();
    const { changePassword } = await auth();
    const shown = await checkPassword(person.email, person.password);
    if (!shown) throw new Error('the password is wrong');
    await reset(person.email);
    const change = changePassword(shown, 'the password of a thief', source);
    await expect(change).rejects.toMatchObject({ code: 'unauthenticated' });
    expect((await login({ ...person, password })).status).toBe(200);
  });
});

test('the session that sets a password goes on at once, whatever other processes remember of it', async () => {
  const { person } = await newOwner();
  const { json } = await login(person);
  expect(await statusOf(json.access_token)).toBe(200);
  const { checkPassword } = await accounts();
  const { changePassword } = await auth();
  const shown = await checkPassword(person.email, person.password);
  if (!shown) throw new Error('the password is wrong');
  const { sid } = JSON.parse(atob(json.access_token.split('.')[1])) as { sid: string };
  await changePassword(shown, password, source, sid);
  for (let asked = 0; asked < 10; asked++) expect(await statusOf(json.access_token)).toBe(200);
  expect((await refresh(json.refresh_token)).status).toBe(200);
});
