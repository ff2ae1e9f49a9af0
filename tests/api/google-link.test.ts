import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { newAccount } from '../support/stack.ts';

const accounts = () => import('#server/modules/account/service.ts');

const newGooglePerson = () => ({
  subject: randomUUID(),
  email: `${randomUUID()}@example.com`,
  name: 'Grace',
});

async function ownAccount() {
  const { id } = await newAccount();
  const account = await (await accounts()).findAccount(id);
  if (!account) throw new Error('no account');
  return account;
}

const source = { actor: { kind: 'system' as const } };
const yes = (results: boolean[]) => results.filter(Boolean).length;

test('of ten accounts that link one Google account at once, one has it', async () => {
  const owners = await Promise.all(Array.from({ length: 10 }, ownAccount));
  const { findAccount, findGoogleAccount, linkGoogle } = await accounts();
  const person = newGooglePerson();
  const results = await Promise.all(owners.map((owner) => linkGoogle(owner, person, source)));
  expect(yes(results)).toBe(1);
  const winner = owners[results.indexOf(true)];
  expect(await findGoogleAccount(person)).toMatchObject({ id: winner?.id });
  const linked = await Promise.all(owners.map(({ id }) => findAccount(id)));
  expect(linked.filter((each) => each?.googleEmail).map((each) => each?.id)).toEqual([winner?.id]);
});

test('of ten Google accounts that are linked to one account at once, one is', async () => {
  const owner = await ownAccount();
  const { findGoogleAccount, linkGoogle } = await accounts();
  const people = Array.from({ length: 10 }, newGooglePerson);
  const results = await Promise.all(people.map((person) => linkGoogle(owner, person, source)));
  expect(yes(results)).toBe(1);
  const found = await Promise.all(people.map(findGoogleAccount));
  expect(found.map((each) => each !== undefined)).toEqual(results);
});

test('of ten sign-ins of a new Google account at once, one makes the account', async () => {
  const { createGoogleAccount, findGoogleAccount } = await accounts();
  const person = newGooglePerson();
  const made = await Promise.all(
    Array.from({ length: 10 }, () => createGoogleAccount(person, source)),
  );
  const ids = made.flatMap((each) => each?.id ?? []);
  expect(ids).toHaveLength(1);
  expect(await findGoogleAccount(person)).toMatchObject({ id: ids[0], isPasswordless: true });
});

test('a registration and a sign-in with Google of one address make one account', async () => {
  const { createAccount, createGoogleAccount } = await accounts();
  for (let round = 0; round < 10; round++) {
    const person = newGooglePerson();
    const password = { email: person.email, password: 'a long enough password', name: 'Ada' };
    const [registered, signedIn] = await Promise.allSettled([
      createAccount(password),
      createGoogleAccount(person, source),
    ]);
    const hasBoth =
      registered.status === 'fulfilled' &&
      signedIn.status === 'fulfilled' &&
      signedIn.value !== undefined;
    expect(hasBoth).toBe(false);
  }
});

test('Google is not unlinked where it is the only way in', async () => {
  const { createGoogleAccount, findGoogleAccount, setPassword, unlinkGoogle } = await accounts();
  const person = newGooglePerson();
  const account = await createGoogleAccount(person, source);
  if (!account) throw new Error('no account');
  await expect(unlinkGoogle(account.id, source)).rejects.toThrow('Set a password first');
  expect(await findGoogleAccount(person)).toMatchObject({ id: account.id });
  await setPassword(account, 'a long enough password');
  await unlinkGoogle(account.id, source);
  expect(await findGoogleAccount(person)).toBeUndefined();
});
