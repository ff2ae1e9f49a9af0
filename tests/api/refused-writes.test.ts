import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mailTo, tokenIn } from '../support/mails.ts';
import { login, newPerson } from '../support/people.ts';
import { startRefusingDatabase } from '../support/refusing-database.ts';

let database: Awaited<ReturnType<typeof startRefusingDatabase>>;
beforeAll(async () => {
  database = await startRefusingDatabase();
});
beforeEach(() => database.heal());
afterAll(() => database.close());

const source = { actor: { kind: 'system' as const }, address: '127.0.0.1' };
const passing = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
const accounts = () => import('#server/modules/account/service.ts');
const auth = () => import('#server/modules/auth/service.ts');
const sessions = () => import('#server/modules/session/service.ts');
const rows = async () => (await import('#server/database.ts')).database();

const refuseTransactions = (code: string, times: number) =>
  database.refuse({ write: 'TransactWriteItems', code, times });

async function newOwner(isUnverified?: true) {
  const person = newPerson();
  const { createAccount } = await accounts();
  const account = await createAccount({ ...person, isUnverified });
  return { account, person };
}

async function isStored(id: string): Promise<boolean> {
  const { data } = await (await rows()).account.get({ id }).go({ consistent: true });
  return data !== null;
}

describe('an account is deleted', () => {
  test.each(passing)(
    'despite two refusals by %s, with a Google account that was linked a moment ago',
    async (code) => {
      const { account, person } = await newOwner();
      const { id } = account;
      const google = { provider: 'google' as const, email: `${randomUUID()}@example.com` };
      // As another process does whose word has not come here yet.
      const { account: stored, auditEvent, identity } = await rows();
      const link = { ...google, subject: randomUUID(), accountId: id, createdAt: Date.now() };
      await identity.create(link).go();
      await stored.patch({ id }).set({ googleEmail: google.email }).go();

      refuseTransactions(code, 2);
      await (await accounts()).deleteAccount(id, source);

      expect(await isStored(id)).toBe(false);
      for (const way of [google, { provider: 'password' as const, email: person.email }])
        expect((await identity.get(way).go({ consistent: true })).data).toBeNull();
      const { data: events } = await auditEvent.query.byAccount({ accountId: id }).go();
      expect(events.map(({ action }) => action)).toContain('account.deleted');
    },
  );

  test('or its owner is told that it is not', async () => {
    const { account } = await newOwner();
    refuseTransactions('ThrottlingError', 20);
    const { deleteAccount } = await accounts();
    await expect(deleteAccount(account.id, source)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await isStored(account.id)).toBe(true);
  });
});

test.each(passing)('a link is sent despite a refusal by %s', async (code) => {
  const { person } = await newOwner();
  refuseTransactions(code, 1);
  await (await auth()).requestReset(person.email);
  await mailTo(person.email, 'Set a new password');
});

describe('a link is spent by what it allows alone', () => {
  const password = 'another long password';

  async function linkFor(kind: 'verify' | 'reset') {
    const { account, person } = await newOwner(kind === 'verify' || undefined);
    const { requestReset, resendVerification } = await auth();
    if (kind === 'reset') await requestReset(person.email);
    else await resendVerification(person.email);
    const subject = kind === 'reset' ? 'Set a new password' : 'Confirm your address';
    return { account, person, token: tokenIn(await mailTo(person.email, subject)) };
  }

  test('a password that the database does not take leaves it good, once', async () => {
    const { person, token } = await linkFor('reset');
    const { confirmReset } = await auth();
    refuseTransactions('ThrottlingError', 20);
    const refused = confirmReset(token, password, source);
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
    await confirmReset(token, password, source);
    expect((await login({ ...person, password })).status).toBe(200);
    await expect(confirmReset(token, password, source)).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('a password that has to wait too long to be hashed leaves it good', async () => {
    const { person, token } = await linkFor('reset');
    const { confirmReset } = await auth();
    const { nebulaPasswords: queue } = globalThis as {
      nebulaPasswords?: (work: () => Promise<void>) => Promise<void>;
    };
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const busy = Array.from({ length: 34 }, () => queue?.(() => held));
    await expect(confirmReset(token, password, source)).rejects.toMatchObject({
      code: 'queue_full',
    });
    release();
    await Promise.all(busy);
    await confirmReset(token, password, source);
    expect((await login({ ...person, password })).status).toBe(200);
  });

  test('an address that cannot be confirmed leaves it good, once', async () => {
    const { person, token } = await linkFor('verify');
    const { confirmAddress } = await auth();
    refuseTransactions('TransactionConflict', 20);
    const confirm = () => confirmAddress(token, '127.0.0.1');
    await expect(confirm()).rejects.toMatchObject({ code: 'unavailable' });
    await confirm();
    await expect(confirm()).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await login(person)).status).toBe(200);
  });
});

describe('what meets a transaction at its row is done all the same', () => {
  const meetTwo = () =>
    database.refuse({ write: 'UpdateItem', code: 'TransactionConflict', times: 2 });

  test('a refresh', async () => {
    const { person } = await newOwner();
    const { json } = await login(person);
    const { refreshTokens } = await auth();
    meetTwo();
    const next = await refreshTokens(json.refresh_token, source);
    expect(next.refreshToken).not.toBe(json.refresh_token);
  });

  test('a name', async () => {
    const { account } = await newOwner();
    const { findAccount, renameAccount } = await accounts();
    meetTwo();
    await renameAccount(account.id, 'Grace');
    expect((await findAccount(account.id))?.name).toBe('Grace');
  });

  test('a leave to link another way to sign in, given and taken', async () => {
    const { account } = await newOwner();
    const { createSession, giveLinkLeave, takeLinkLeave } = await sessions();
    const { id } = await createSession(account.id, 'browser', source);
    meetTwo();
    await giveLinkLeave(account.id, id);
    meetTwo();
    expect(await takeLinkLeave(account.id, id)).toBe(true);
    expect(await takeLinkLeave(account.id, id)).toBe(false);
  });
});

test('a session that another process has ended gets no leave, and its caller hears that it is over', async () => {
  const { account } = await newOwner();
  const { createSession, giveLinkLeave } = await sessions();
  const { id } = await createSession(account.id, 'browser', source);
  await (await rows()).session.delete({ accountId: account.id, id }).go();
  const asked = giveLinkLeave(account.id, id);
  await expect(asked).rejects.toMatchObject({ code: 'unauthenticated' });
});
