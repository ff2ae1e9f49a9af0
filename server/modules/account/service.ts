import { AppError } from '@nebula/contract/errors';
import type { PlanId } from '@nebula/contract/plans';
import { compare, hash } from '@node-rs/bcrypt';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import { type Beside, writeTogether } from '../../write-together.ts';
import { type AuditEvent, type AuditSource, auditRow, systemSource } from '../audit/service.ts';
import { findAccount, forgetAccount } from './find.ts';
import { isFree } from './identity.ts';
import { type BoundedQueue, createBoundedQueue } from './password-queue.ts';
import { type Account, canonicalEmail } from './schema.ts';

export { listAccounts } from './directory.ts';
export { findAccount, forgetAccount } from './find.ts';
export {
  createGoogleAccount,
  findGoogleAccount,
  type GooglePerson,
  linkGoogle,
  unlinkGoogle,
} from './google.ts';
export { isFree, isThere } from './identity.ts';
export { type Account, canonicalEmail } from './schema.ts';

/**
 * Hashing keeps a core busy for a third of a second. Two at once leave threads to everything else, and
 * those who wait have their answer within some seconds. Pages are bundled apart from the API, and
 * share the queue all the same.
 */
const shared = globalThis as { nebulaPasswords?: BoundedQueue };
shared.nebulaPasswords ??= createBoundedQueue({ atOnce: 2, waiting: 32 });
const inTurn = shared.nebulaPasswords;
const bcryptCost = 12;
const maxPasswordBytes = 72;

/** Finds the account that an address was registered with, whatever its spelling. */
export async function findAccountByEmail(input: string): Promise<Account | undefined> {
  const email = canonicalEmail(input);
  const [password, google] = await Promise.all([
    database().identity.get({ provider: 'password', email }).go(),
    database().identity.get({ provider: 'google', email }).go(),
  ]);
  if (password.data) return findAccount(password.data.accountId);
  // A Google account may be linked to an account of another address; that one is not meant.
  const linked = google.data ? await findAccount(google.data.accountId) : undefined;
  return linked?.email === email ? linked : undefined;
}

type NewAccount = {
  email: string;
  password: string;
  name: string;
  role?: 'user' | 'admin';
  plan?: PlanId;
  isUnverified?: boolean;
};

/** The rows of a new account, to be written in one transaction with what belongs to it. */
export async function prepareAccount({
  isUnverified,
  name,
  password,
  plan,
  role,
  ...input
}: NewAccount) {
  const email = canonicalEmail(input.email);
  const passwordHash = await hashPassword(password);
  const createdAt = clock.now();
  const id = newId('usr');
  return {
    identity: {
      provider: 'password' as const,
      email,
      accountId: id,
      passwordHash,
      passwordGeneration: 0,
      createdAt,
    },
    account: {
      id,
      email,
      name,
      role: role ?? ('user' as const),
      plan: plan ?? ('free' as const),
      cycleAnchor: createdAt,
      createdAt,
      ...(isUnverified ? { isUnverified } : {}),
    },
  };
}

/** Creates an account with a password; an address that is taken is a conflict. */
export async function createAccount(input: NewAccount): Promise<Account> {
  const rows = await prepareAccount(input);
  const isNew = await writeTogether(({ account, identity }) => [
    identity.create(rows.identity).commit(),
    isFree(identity, 'google', rows.identity.email),
    account.create(rows.account).commit(),
  ]);
  const created = isNew ? await findAccount(rows.account.id) : undefined;
  if (!created) throw new AppError('conflict', 'An account with this address exists already.');
  return created;
}

/** The owner has shown that the address is theirs. False: what is written beside it cannot be. */
export async function markVerified(id: string, beside: Beside): Promise<boolean> {
  const isWritten = await writeTogether((entities) => [
    entities.account.patch({ id }).remove(['isUnverified']).commit(),
    ...beside(entities),
  ]);
  await forgetAccount(id);
  return isWritten;
}

export async function renameAccount(id: string, name: string): Promise<void> {
  await despiteConflicts(() => database().account.patch({ id }).set({ name }).go());
  await forgetAccount(id);
}

/**
 * Deletes an account with its ways to sign in; what else belongs to it is up to the caller.
 *
 * @throws AppError `conflict` where another way to sign in came or went meanwhile
 */
export async function deleteAccount(id: string, source: AuditSource): Promise<void> {
  const { data: before } = await database().account.get({ id }).go({ consistent: true });
  if (!before) return;
  const { email, googleEmail: google } = before;
  const event: AuditEvent = { accountId: id, action: 'account.deleted', targetId: id };
  const isWritten = await writeTogether(({ account, auditEvent, identity }) => [
    account
      .delete({ id })
      .where(({ googleEmail }, { eq, notExists }) =>
        google === undefined ? notExists(googleEmail) : eq(googleEmail, google),
      )
      .commit(),
    identity.delete({ provider: 'password', email }).commit(),
    ...(google === undefined
      ? []
      : [identity.delete({ provider: 'google', email: google }).commit()]),
    auditEvent.create(auditRow(source, event)).commit(),
  ]);
  await forgetAccount(id);
  if (!isWritten) throw new AppError('conflict', 'The account was changed meanwhile. Try again.');
}

/**
 * The account whose address and password these are, with the generation of that password: what rests
 * on it is nothing where another was set meanwhile. Takes as long for an unknown address.
 */
export async function checkPassword(email: string, password: string): Promise<Account | undefined> {
  if (Buffer.byteLength(password) > maxPasswordBytes) return undefined;
  const { data } = await database()
    .identity.get({ provider: 'password', email: canonicalEmail(email) })
    .go({ consistent: true });
  dummyHash ??= hash('nobody has this password', bcryptCost);
  const passwordHash = data?.passwordHash ?? (await dummyHash);
  const matches = await inTurn(() => compare(password, passwordHash));
  const account = data && matches ? await findAccount(data.accountId) : undefined;
  return (
    account && {
      ...account,
      passwordGeneration: data?.passwordGeneration ?? account.passwordGeneration,
    }
  );
}

let dummyHash: Promise<string> | undefined;

/**
 * Sets a new password, or the first one of an account that Google has made. Whoever may do that reads
 * the mails of its address, or has signed in. It ends every session, but for those whose generation is
 * raised beside it. False: there is no such account, a password was set after the generation that it
 * is given with, or what is written beside it cannot be.
 */
export async function setPassword(
  {
    email,
    id,
    passwordGeneration: generation = 0,
  }: Pick<Account, 'email' | 'id' | 'passwordGeneration'>,
  password: string,
  beside: Beside = () => [],
): Promise<boolean> {
  const passwordHash = await hashPassword(password);
  const passwordGeneration = generation + 1;
  const row = { provider: 'password', email, accountId: id, passwordHash } as const;
  const isWritten = await writeTogether((entities) => [
    entities.identity.upsert({ ...row, passwordGeneration, createdAt: clock.now() }).commit(),
    entities.account
      .patch({ id })
      .set({ passwordGeneration })
      .remove(['isPasswordless', 'isUnverified'])
      .where((account, { eq, notExists }) =>
        generation === 0
          ? notExists(account.passwordGeneration)
          : eq(account.passwordGeneration, generation),
      )
      .commit(),
    ...beside(entities),
  ]);
  await forgetAccount(id);
  return isWritten;
}

/** Changes what an admin may change of an account; the audit log notes each. */
export async function updateAccount(
  id: string,
  change: { plan?: PlanId; role?: 'user' | 'admin' },
  source: AuditSource = systemSource,
): Promise<Account> {
  const { data: before } = await database().account.get({ id }).go({ consistent: true });
  const { plan, role } = change;
  const events: AuditEvent[] = [];
  if (plan !== undefined && plan !== before?.plan)
    events.push(changeEvent(id, 'account.plan_changed', { plan: before?.plan }, { plan }));
  if (role !== undefined && role !== before?.role)
    events.push(changeEvent(id, 'account.role_changed', { role: before?.role }, { role }));
  const isWritten = await writeTogether(({ account, auditEvent }) => [
    account.patch({ id }).set(change).commit(),
    ...events.map((event) => auditEvent.create(auditRow(source, event)).commit()),
  ]);
  await forgetAccount(id);
  if (!before || !isWritten) throw new AppError('not_found', 'There is no such account.');
  return { ...before, ...change };
}

const changeEvent = (
  accountId: string,
  action: AuditEvent['action'],
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): AuditEvent => ({ accountId, action, targetId: accountId, before, after });

function hashPassword(password: string): Promise<string> {
  const bytes = Buffer.byteLength(password);
  if (bytes < 8 || bytes > maxPasswordBytes) {
    const message = `Expected a password of 8 to ${maxPasswordBytes} bytes, received ${bytes}.`;
    throw new AppError('invalid_input', message, { param: 'password' });
  }
  return inTurn(() => hash(password, bcryptCost));
}
