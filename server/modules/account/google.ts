import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { writeTogether } from '../../write-together.ts';
import { type AuditEvent, type AuditSource, auditRow } from '../audit/service.ts';
import { findAccount, forgetAccount } from './find.ts';
import { isFree } from './identity.ts';
import type { Account } from './schema.ts';

/** Who Google says that somebody is; the address is canonical, and Google has confirmed it. */
export type GooglePerson = { subject: string; email: string; name: string };

/**
 * The account that a Google account signs in to. `stranger`: the address belongs to another Google
 * account than the one that was linked.
 */
export async function findGoogleAccount({
  email,
  subject,
}: GooglePerson): Promise<Account | 'stranger' | undefined> {
  const { data } = await database().identity.get({ provider: 'google', email }).go();
  if (!data) return undefined;
  return data.subject === subject ? findAccount(data.accountId) : 'stranger';
}

/**
 * Makes an account that Google signs in to. Undefined: the address has an account with a password,
 * which only its signed-in owner links.
 */
export async function createGoogleAccount(
  { email, name, subject }: GooglePerson,
  source: AuditSource,
): Promise<Account | undefined> {
  const id = newId('usr');
  const createdAt = clock.now();
  const row = {
    id,
    email,
    name,
    role: 'user' as const,
    plan: 'free' as const,
    googleEmail: email,
    isPasswordless: true,
    cycleAnchor: createdAt,
    createdAt,
  };
  const event: AuditEvent = { accountId: id, action: 'account.created', targetId: id };
  const isWritten = await writeTogether(({ account, auditEvent, identity }) => [
    identity.create({ provider: 'google', email, subject, accountId: id, createdAt }).commit(),
    isFree(identity, 'password', email),
    account.create(row).commit(),
    auditEvent.create(auditRow(source, event)).commit(),
  ]);
  return isWritten ? row : undefined;
}

/** Lets a Google account sign in to an account, on its owner's wish. False: one of the two is taken. */
export async function linkGoogle(
  { id }: Account,
  { email, subject }: GooglePerson,
  source: AuditSource,
): Promise<boolean> {
  const createdAt = clock.now();
  const isWritten = await writeTogether(({ account, auditEvent, identity }) => [
    identity.create({ provider: 'google', email, subject, accountId: id, createdAt }).commit(),
    account
      .patch({ id })
      .set({ googleEmail: email })
      .where(({ googleEmail }, { notExists }) => notExists(googleEmail))
      .commit(),
    auditEvent.create(auditRow(source, changed(id, {}, { google: email }))).commit(),
  ]);
  await forgetAccount(id);
  return isWritten;
}

/** @throws AppError `conflict` where it is the only way in, or where nothing is linked */
export async function unlinkGoogle(id: string, source: AuditSource): Promise<void> {
  const { data: before } = await database().account.get({ id }).go({ consistent: true });
  const email = before?.googleEmail;
  if (!email) throw new AppError('conflict', 'No Google account is linked.');
  const isWritten = await writeTogether(({ account, auditEvent, identity }) => [
    identity.delete({ provider: 'google', email }).commit(),
    account
      .patch({ id })
      .remove(['googleEmail'])
      .where(
        ({ googleEmail, isPasswordless }, { eq, notExists }) =>
          `${eq(googleEmail, email)} AND ${notExists(isPasswordless)}`,
      )
      .commit(),
    auditEvent.create(auditRow(source, changed(id, { google: email }, {}))).commit(),
  ]);
  await forgetAccount(id);
  if (!isWritten)
    throw new AppError('conflict', 'Set a password first: Google is the only way to sign in.');
}

const changed = (
  accountId: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): AuditEvent => ({ accountId, action: 'account.updated', targetId: accountId, before, after });
