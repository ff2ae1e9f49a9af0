import { AppError } from '@nebula/contract/errors';
import { logger } from '../../platform/logger.ts';
import { countRequest } from '../../platform/rate-limiter.ts';
import {
  accessSeconds,
  sessionSeconds,
  signAccessToken,
  signRefreshToken,
  type TokenSubject,
} from '../../platform/tokens.ts';
import { type Beside, writeTogether } from '../../write-together.ts';
import {
  type Account,
  checkPassword,
  findAccount,
  findAccountByEmail,
  isFree,
  markVerified,
  prepareAccount,
  setPassword,
} from '../account/service.ts';
import { type AuditEvent, type AuditSource, auditRow, recordEvent } from '../audit/service.ts';
import { mailRow, pageUrl, queueMail } from '../mail/service.ts';
import {
  endAllSessions,
  endSession,
  keepSession,
  type Origin,
  rotateSession,
  type Session,
  sessionEnded,
} from '../session/service.ts';
import { welcomeRow } from './google.ts';
import { limitTries, type TriedFrom } from './limit-tries.ts';
import { newMailToken, readMailToken, sendMailToken, spentLink } from './mail-token.ts';
import { rememberPlace } from './places.ts';
import { type SignInOrigin, startSession } from './start-session.ts';

export { continueWithGoogle } from './google.ts';
export { startSession } from './start-session.ts';
export { restoreAccount, suspendAccount } from './suspend-account.ts';

const mailsPerMinute = 3;

/** Registers an account that its mail has to confirm; a taken address gets a mail instead. */
export async function register(
  input: { email: string; password: string; name: string },
  source: AuditSource,
): Promise<void> {
  const { email, name } = input;
  // The hash is computed in either case: the answer takes as long.
  const rows = await prepareAccount({ ...input, isUnverified: true });
  const { id } = rows.account;
  const { row, url } = newMailToken('verify', id, '/verify');
  const event: AuditEvent = { accountId: id, action: 'account.created', targetId: id };
  const isNew = await writeTogether(({ account, auditEvent, identity, mailToken, outboxMail }) => [
    identity.create(rows.identity).commit(),
    isFree(identity, 'google', email),
    account.create(rows.account).commit(),
    mailToken.create(row).commit(),
    outboxMail.create(mailRow(email, 'verify', { name, url })).commit(),
    auditEvent.create(auditRow(source, event)).commit(),
  ]);
  // Not awaited: how long the answer takes would tell whether there is an account.
  if (!isNew) void tellOfTry(email);
}

/** The owner of an address hears that somebody has tried to register with it. */
async function tellOfTry(email: string): Promise<void> {
  try {
    if (!(await mayMail(email))) return;
    await queueMail(email, 'address_taken', { url: pageUrl('/forgot-password') });
  } catch (error) {
    logger().warn({ err: error }, 'an owner was not told of a registration');
  }
}

/** Sends the link of the registration again. */
export async function resendVerification(email: string): Promise<void> {
  const account = await findAccountByEmail(email);
  if (!account?.isUnverified || !(await mayMail(email))) return;
  await sendMailToken('verify', account, '/verify');
}

/** @throws AppError `invalid_input` for a link that was used or is too old */
export async function confirmAddress(token: string, address: string): Promise<void> {
  const { account, spend } = await readMailToken('verify', token);
  await rememberPlace(account.id, address);
  const isConfirmed = await markVerified(account.id, (entities) => [
    ...spend(entities),
    entities.outboxMail.create(welcomeRow(account)).commit(),
  ]);
  if (!isConfirmed) throw spentLink();
}

/** Sends a link for a new password, where the address has an account. */
export async function requestReset(email: string): Promise<void> {
  const account = await findAccountByEmail(email);
  if (!account || !(await mayMail(email))) return;
  await sendMailToken('reset', account, '/reset-password');
}

/** Sets a new password, and ends every session; links that were sent before it are good no more. */
export async function confirmReset(
  token: string,
  password: string,
  source: AuditSource & Origin,
): Promise<void> {
  const { account, generation, spend } = await readMailToken('reset', token);
  await rememberPlace(account.id, source.address);
  const owner = { ...account, passwordGeneration: generation };
  if (!(await replacePassword(owner, password, source, spend))) throw spentLink();
}

/**
 * Sets a new password for somebody who has shown the one before; `keptId` is the session that may go on.
 *
 * @throws AppError `unauthenticated` where that session has ended, or another password was set meanwhile
 */
export async function changePassword(
  account: Account,
  password: string,
  source: AuditSource,
  keptId?: string,
): Promise<void> {
  const keep = keptId === undefined ? () => [] : keepSession(account.id, keptId);
  if (!(await replacePassword(account, password, source, keep, keptId))) throw sessionEnded();
}

async function replacePassword(
  account: Account,
  password: string,
  source: AuditSource,
  beside: Beside,
  keptId?: string,
): Promise<boolean> {
  const news = newsOf(account, source);
  const isSet = await setPassword(account, password, (entities) => [
    ...beside(entities),
    ...news(entities),
  ]);
  // The others are refused from now on: what is not removed of them is no reason to fail.
  if (isSet)
    await endAllSessions(account.id, keptId).catch((error: unknown) =>
      logger().warn({ err: error }, 'sessions of an old password were left'),
    );
  return isSet;
}

/** Who hears of a new password: its owner by mail, and the audit log. */
function newsOf({ email, id }: Account, source: AuditSource): Beside {
  const mail = mailRow(email, 'password_changed', { url: pageUrl('/forgot-password') });
  const after = { changed: 'sign-in' };
  const event: AuditEvent = { accountId: id, action: 'account.updated', targetId: id, after };
  return ({ auditEvent, outboxMail }) => [
    outboxMail.create(mail).commit(),
    auditEvent.create(auditRow(source, event)).commit(),
  ];
}

/**
 * Signs in with a password.
 *
 * @throws AppError `unauthenticated` in the same words for every reason, `rate_limited`
 */
export async function signIn(
  { email, password }: { email: string; password: string },
  kind: Session['kind'],
  { deviceId, giveDevice, ...origin }: SignInOrigin & TriedFrom,
): Promise<{ account: Account; session: Session }> {
  await limitTries(email, { address: origin.address, deviceId });
  const account = await checkPassword(email, password);
  const source = { actor: { kind: 'anonymous' as const }, ...origin };
  if (!account || account.isUnverified || account.isSuspended) {
    // Not awaited: how long the answer takes would tell whether there is an account.
    void noteFailure(email, source);
    throw new AppError(
      'unauthenticated',
      'The address or the password is wrong, or the address is not confirmed yet.',
    );
  }
  const session = await startSession(account, kind, { ...origin, giveDevice });
  return { account, session };
}

async function noteFailure(email: string, source: AuditSource): Promise<void> {
  try {
    const account = await findAccountByEmail(email);
    if (!account) return;
    const { id } = account;
    await recordEvent(source, { accountId: id, action: 'session.sign_in_failed', targetId: id });
  } catch (error) {
    logger().warn({ err: error }, 'a failed sign-in was not noted');
  }
}

/** The tokens of a session that has just begun. */
export function firstTokens(account: Account, { id: sessionId }: Session) {
  const claim = { accountId: account.id, sessionId, generation: 0 };
  return toTokens(account, sessionId, signRefreshToken(claim));
}

/** @throws AppError `unauthenticated` */
export async function refreshTokens(token: string, source: AuditSource) {
  const rotated = await rotateSession(token);
  if ('reused' in rotated) {
    await tellOfReuse(rotated.reused, source);
    throw sessionEnded();
  }
  const account = await findAccount(rotated.claim.accountId);
  if (!account || account.isSuspended) throw sessionEnded();
  return toTokens(account, rotated.claim.sessionId, rotated.token);
}

/** Whoever holds an old token is not alone with it: the owner hears that the session was ended. */
async function tellOfReuse({ accountId, device, id }: Session, source: AuditSource) {
  const account = await findAccount(accountId);
  if (!account) return;
  const after = { reason: 'an old refresh token was used again' };
  await recordEvent(source, { accountId, action: 'session.revoked', targetId: id, after });
  const url = pageUrl('/dashboard/settings#sessions');
  await queueMail(account.email, 'session_ended', { device, address: source.address ?? '', url });
}

async function toTokens(account: Account, sessionId: string, refreshToken: string) {
  return {
    account,
    accessToken: await signAccessToken({ accountId: account.id, sessionId }),
    refreshToken,
    expiresIn: accessSeconds,
    refreshExpiresIn: sessionSeconds,
  };
}

/** Ends a session on its owner's wish. */
export async function signOut(
  { accountId, sessionId }: TokenSubject,
  source: AuditSource,
): Promise<void> {
  if (await endSession(accountId, sessionId))
    await recordEvent(source, { accountId, action: 'session.signed_out', targetId: sessionId });
}

/** Nobody's mailbox is filled by strangers. */
async function mayMail(email: string): Promise<boolean> {
  return (await countRequest(`mail:${email}`, mailsPerMinute)).allowed;
}
