import { createHash } from 'node:crypto';
import { type NotificationEvent, notificationEvents } from '@nebula/contract/notifications';
import { userChannel } from '@nebula/contract/realtime';
import { encodeTime } from 'ulid';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { findAccount } from '../account/service.ts';
import { pageUrl, queueMail } from '../mail/service.ts';
import { queuePush } from '../push/service.ts';
import { publish } from '../realtime/service.ts';
import { readPreferences } from './preferences.ts';

const keptSeconds = 90 * 24 * 60 * 60;
const hourMilliseconds = 60 * 60 * 1000;

export type News = {
  title: string;
  text: string;
  /** A page of the dashboard. */
  link: `/${string}`;
  /** News of one group within an hour are one notification that counts; the event unless said. */
  group?: string;
  /** Told again after a crash, it has still happened once. */
  isOnce?: boolean;
};

/**
 * Tells an account of something in the ways that it has chosen. Call it after your own write; it
 * never throws, because what has happened has happened.
 *
 * @example
 * await notifyAccount(accountId, 'key.created', { title: 'New API key', text: name, link: '/dashboard/keys' });
 */
export async function notifyAccount(
  accountId: string,
  event: NotificationEvent,
  news: News,
): Promise<void> {
  try {
    // What is told to an account that was deleted would stay.
    if (!(await findAccount(accountId))) return;
    const { email, in_app, push } = (await readPreferences(accountId))[event];
    const now = clock.now();
    const id = idOf(now, news.group ?? event);
    if (in_app) await store({ accountId, id, now }, event, news);
    if (push) {
      const { link, text, title } = news;
      await queuePush(accountId, { title, text, link, tag: id });
    }
    if (email && !('hasOwnMail' in notificationEvents[event])) await mail(accountId, news);
  } catch (error) {
    logger().warn({ err: error, accountId, event }, 'an account was not notified');
  }
}

async function store(
  { accountId, id, now }: { accountId: string; id: string; now: number },
  event: NotificationEvent,
  { isOnce = false, link, text, title }: News,
): Promise<void> {
  const facts = { event, title, text, link, happenedAt: now, expiresAt: endFrom(now) };
  const { notification } = database();
  if (isOnce) await notification.put({ accountId, id, ...facts, count: 1 }).go();
  else
    await notification
      .upsert({ accountId, id, ...facts })
      .add({ count: 1 })
      .go();
  await publish(userChannel(accountId), 'notification.created', { id, event, title });
}

async function mail(accountId: string, { link, text, title }: News): Promise<void> {
  const account = await findAccount(accountId);
  if (!account) return;
  await queueMail(account.email, 'notification', { title, text, url: pageUrl(link) });
}

const endFrom = (now: number) => Math.floor(now / 1000) + keptSeconds;

/** The hour, then the group: who counts up the same hour's news finds the same row. */
function idOf(now: number, group: string): string {
  const hour = now - (now % hourMilliseconds);
  const hash = createHash('sha256').update(group).digest('hex').slice(0, 16).toUpperCase();
  return `ntf_${encodeTime(hour, 10)}${hash}`;
}
