import { isoTime } from '../../platform/clock.ts';
import type { Account } from '../account/service.ts';
import { recordEvent } from '../audit/service.ts';
import { pageUrl, queueMail } from '../mail/service.ts';
import { notifyAccount } from '../notification/service.ts';
import { createSession, type Origin, type Session } from '../session/service.ts';
import { isFirstSignIn, isKnownDevice, rememberDevice, rememberPlace } from './places.ts';

/** Where a sign-in comes from. */
export type SignInOrigin = Origin & {
  /** Tells the id of a browser, once its owner has shown who they are; a program has none. */
  giveDevice?: (email: string) => string;
};

/** Begins a session of somebody who has shown who they are; a new device is told by mail. */
export async function startSession(
  account: Account,
  kind: Session['kind'],
  { giveDevice, ...origin }: SignInOrigin,
): Promise<Session> {
  const session = await createSession(account.id, kind, origin, account.passwordGeneration);
  const { device, id } = session;
  await rememberPlace(account.id, origin.address);
  await recordEvent(
    { actor: { kind: 'session', account, sessionId: id }, ...origin },
    { accountId: account.id, action: 'session.signed_in', targetId: id, after: { device, kind } },
  );
  const deviceId = giveDevice?.(account.email) ?? `${device}, ${origin.address}`;
  const isKnown = await isKnownDevice(account.id, deviceId);
  // Whoever has just registered knows of it.
  if (!isKnown && !(await isFirstSignIn(account.id))) await tellOfDevice(account, session);
  await rememberDevice(account.id, deviceId);
  return session;
}

async function tellOfDevice(
  { email, id: accountId }: Account,
  { address, createdAt, device, id }: Session,
): Promise<void> {
  await notifyAccount(accountId, 'session.new_device', {
    title: 'A new device has signed in',
    text: `${device}, from ${address}. If it was not you, end the session.`,
    link: '/dashboard/settings',
    group: id,
  });
  const url = pageUrl('/forgot-password');
  await queueMail(email, 'new_device', { device, address, time: isoTime(createdAt), url });
}
