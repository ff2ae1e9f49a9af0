import { AppError } from '@nebula/contract/errors';
import type { PlanId } from '@nebula/contract/plans';
import { compare, hash } from '@node-rs/bcrypt';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { type AuditEvent, type AuditSource, auditRow, systemSource } from '../audit/service.ts';
import { type Account, canonicalEmail } from './schema.ts';

export type { Account } from './schema.ts';

const bcryptCost = 12;
const maxPasswordBytes = 72;

/** The account, or undefined. Cached for a few seconds: it is read on every call. */
export async function findAccount(id: string): Promise<Account | undefined> {
  const known = cache.get(id);
  if (known && known.until > clock.now()) return known.account;
  const { data } = await database().account.get({ id }).go();
  const account = data ?? undefined;
  if (cache.size > 10_000) cache.clear();
  cache.set(id, { account, until: clock.now() + cacheMilliseconds });
  return account;
}

const cacheMilliseconds = 5_000;
const cache = new Map<string, { account: Account | undefined; until: number }>();

/** Finds the account behind an address, whatever its spelling. */
export async function findAccountByEmail(email: string): Promise<Account | undefined> {
  const { data } = await database()
    .identity.get({ provider: 'password', email: canonicalEmail(email) })
    .go();
  return data ? findAccount(data.accountId) : undefined;
}

/** Creates an account with a password; an address that is taken is a conflict. */
export async function createAccount(input: {
  email: string;
  password: string;
  name: string;
  role?: 'user' | 'admin';
  plan?: PlanId;
}): Promise<Account> {
  const email = canonicalEmail(input.email);
  const passwordHash = await hashPassword(input.password);
  const now = clock.now();
  const id = newId('usr');
  const { canceled } = await database()
    .transaction.write(({ account, identity }) => [
      identity
        .create({ provider: 'password', email, accountId: id, passwordHash, createdAt: now })
        .commit(),
      account
        .create({
          id,
          email,
          name: input.name,
          role: input.role ?? 'user',
          plan: input.plan ?? 'free',
          cycleAnchor: now,
          createdAt: now,
        })
        .commit(),
    ])
    .go();
  const created = canceled ? undefined : await findAccount(id);
  if (!created) throw new AppError('conflict', 'An account with this address exists already.');
  return created;
}

/** The account whose address and password these are; takes as long for an unknown address. */
export async function checkPassword(email: string, password: string): Promise<Account | undefined> {
  if (Buffer.byteLength(password) > maxPasswordBytes) return undefined;
  const { data } = await database()
    .identity.get({ provider: 'password', email: canonicalEmail(email) })
    .go();
  dummyHash ??= hash('nobody has this password', bcryptCost);
  const matches = await compare(password, data?.passwordHash ?? (await dummyHash));
  return data && matches ? findAccount(data.accountId) : undefined;
}

let dummyHash: Promise<string> | undefined;

/** Sets a new password for an address; the seed and `npm run admin` use it. */
export async function setPassword(email: string, password: string): Promise<void> {
  const passwordHash = await hashPassword(password);
  await database()
    .identity.patch({ provider: 'password', email: canonicalEmail(email) })
    .set({ passwordHash })
    .go();
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
  const { canceled } = await database()
    .transaction.write(({ account, auditEvent }) => [
      account.patch({ id }).set(change).commit(),
      ...events.map((event) => auditEvent.create(auditRow(source, event)).commit()),
    ])
    .go();
  cache.delete(id);
  if (!before || canceled) throw new AppError('not_found', 'There is no such account.');
  return { ...before, ...change };
}

const changeEvent = (
  accountId: string,
  action: AuditEvent['action'],
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): AuditEvent => ({ accountId, action, targetId: accountId, before, after });

/** Forgets what is remembered of an account that another module changed in a transaction. */
export function forgetAccount(id: string): void {
  cache.delete(id);
}

function hashPassword(password: string): Promise<string> {
  const bytes = Buffer.byteLength(password);
  if (bytes < 8 || bytes > maxPasswordBytes) {
    const message = `Expected a password of 8 to ${maxPasswordBytes} bytes, received ${bytes}.`;
    throw new AppError('invalid_input', message, { param: 'password' });
  }
  return hash(password, bcryptCost);
}
