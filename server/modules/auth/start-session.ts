import { isoTime } from '../../platform/clock.ts';
import type { Account } from '../account/service.ts';
import { recordEvent } from '../audit/service.ts';
import { pageUrl, queueMail } from '../mail/service.ts';
import { notifyAccount } from '../notification/service.ts';
import { createSession, listSessions, type Origin, type Session } from '../session/service.ts';
import { rememberPlace } from './places.ts';

/** Begins a session of somebody who has shown who they are; a new device is told by mail. */
export async function startSession(
  account: Account,
  kind: Session['kind'],
  origin: Origin,
): Promise<Session> {
  const known = await listSessions(account.id);
  const session = await createSession(account.id, kind, origin);
  const { device, id } = session;
  await rememberPlace(account.id, origin.address);
  await recordEvent(
    { actor: { kind: 'session', account, sessionId: id }, ...origin },
    { accountId: account.id, action: 'session.signed_in', targetId: id, after: { device, kind } },
  );
  if (known.length > 0 && known.every((each) => each.device !== device)) {
    await notifyAccount(account.id, 'session.new_device', {
      title: 'A new device has signed in',
      text: `${device}, from ${origin.address}. If it was not you, end the session.`,
      link: '/dashboard/settings',
      group: id,
    });
    await queueMail(account.email, 'new_device', {
      device,
      address: origin.address,
      time: isoTime(session.createdAt),
      url: pageUrl('/forgot-password'),
    });
  }
  return session;
}
