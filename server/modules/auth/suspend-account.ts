import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { writeTogether } from '../../write-together.ts';
import { type Account, forgetAccount } from '../account/service.ts';
import { type AuditEvent, type AuditSource, auditRow } from '../audit/service.ts';
import { mailRow, pageUrl } from '../mail/service.ts';
import { endAllSessions } from '../session/service.ts';

/**
 * Shuts an account: its sessions end at once, and its keys are refused everywhere within 5 seconds.
 * Jobs that were accepted end as they would, and billing goes on. Again, it changes nothing.
 */
export async function suspendAccount(
  id: string,
  reason: string,
  source: AuditSource,
): Promise<Account> {
  const { email } = await readAccount(id);
  const url = pageUrl('/docs/errors#account_suspended');
  const event: AuditEvent = { accountId: id, action: 'account.suspended', targetId: id };
  await writeTogether(({ account, auditEvent, outboxMail }) => [
    account
      .patch({ id })
      .set({ isSuspended: true, suspendedAt: clock.now(), suspendedReason: reason })
      .where(({ isSuspended }, { notExists }) => notExists(isSuspended))
      .commit(),
    auditEvent.create(auditRow(source, { ...event, after: { reason } })).commit(),
    outboxMail.create(mailRow(email, 'account_suspended', { reason, url })).commit(),
  ]);
  return endSessionsOf(id);
}

/** Opens a suspended account again; of an account that is open, it changes nothing. */
export async function restoreAccount(id: string, source: AuditSource): Promise<Account> {
  const { email, name, suspendedReason: reason } = await readAccount(id);
  const url = pageUrl('/sign-in');
  const event: AuditEvent = { accountId: id, action: 'account.restored', targetId: id };
  const isRestored = await writeTogether(({ account, auditEvent, outboxMail }) => [
    account
      .patch({ id })
      .remove(['isSuspended', 'suspendedAt', 'suspendedReason'])
      .where(({ isSuspended }, { eq }) => eq(isSuspended, true))
      .commit(),
    auditEvent.create(auditRow(source, { ...event, before: { reason } })).commit(),
    outboxMail.create(mailRow(email, 'account_restored', { name, url })).commit(),
  ]);
  // A sign-in that was on its way when the account was shut has left a session.
  return isRestored ? endSessionsOf(id) : readAccount(id);
}

async function endSessionsOf(id: string): Promise<Account> {
  forgetAccount(id);
  await endAllSessions(id);
  return readAccount(id);
}

async function readAccount(id: string): Promise<Account> {
  const { data } = await database().account.get({ id }).go({ consistent: true });
  if (!data) throw new AppError('not_found', 'There is no such account.');
  return data;
}
