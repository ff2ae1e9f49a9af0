import { userChannel } from '@nebula/contract/realtime';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { publish } from '../realtime/service.ts';
import type { NotificationRow } from './schema.ts';

/** So many of the newest are looked through for unread ones; a badge says no more than that. */
const countedRows = 100;

export type Inbox = { rows: (NotificationRow & { isRead: boolean })[]; nextCursor?: string };

/** The notifications of an account, the newest first. */
export async function listNotifications(
  accountId: string,
  { cursor, limit, unread }: { cursor?: string; limit: number; unread: boolean },
): Promise<Inbox> {
  const list = `notifications:${accountId}`;
  const readUntil = await readMark(accountId);
  const rows: Inbox['rows'] = [];
  let before = cursor === undefined ? undefined : readPlace(readCursor(list, cursor));
  for (;;) {
    const query = database().notification.query.byTime({ accountId });
    const { data } = await (before === undefined ? query : query.lt(before)).go({
      order: 'desc',
      limit: countedRows,
    });
    for (const row of data) {
      const isRead = isSeen(row, readUntil);
      if (isForgotten(row) || (unread && isRead)) continue;
      if (rows.length === limit)
        return { rows, nextCursor: signCursor(list, placeOf(rows.at(-1))) };
      rows.push({ ...row, isRead });
    }
    if (data.length < countedRows) return { rows };
    before = data.at(-1);
  }
}

/** Where a list goes on: what happens again meanwhile stands before it. */
const placeOf = (row: NotificationRow | undefined) => `${row?.happenedAt}.${row?.id}`;

function readPlace(place: string): Pick<NotificationRow, 'happenedAt' | 'id'> {
  const [happenedAt, id = ''] = place.split('.');
  return { happenedAt: Number(happenedAt), id };
}

/** Unread ones among the newest hundred. */
export async function countUnread(accountId: string): Promise<number> {
  const readUntil = await readMark(accountId);
  const { data } = await database()
    .notification.query.byTime({ accountId })
    .go({ order: 'desc', limit: countedRows });
  return data.filter((row) => !isForgotten(row) && !isSeen(row, readUntil)).length;
}

/** What comes to the same row later is unread again. @returns whether there is such a notification */
export async function markRead(accountId: string, id: string): Promise<boolean> {
  try {
    const now = clock.now();
    await database()
      .notification.patch({ accountId, id })
      .set({ readAt: now })
      .where(({ expiresAt }, { gt }) => gt(expiresAt, now / 1000))
      .go();
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
  await publish(userChannel(accountId), 'notification.read', { id });
  return true;
}

/** Marks all that there is now, in one write. */
export async function markAllRead(accountId: string): Promise<void> {
  await database().notificationSettings.upsert({ accountId, readUntil: clock.now() }).go();
  await publish(userChannel(accountId), 'notification.read', {});
}

async function readMark(accountId: string): Promise<number> {
  const { data } = await database().notificationSettings.get({ accountId }).go();
  return data?.readUntil ?? 0;
}

/** DynamoDB takes its time to remove a row. */
const isForgotten = ({ expiresAt }: NotificationRow) => expiresAt * 1000 <= clock.now();

const isSeen = ({ happenedAt, readAt = 0 }: NotificationRow, readUntil: number) =>
  happenedAt <= Math.max(readAt, readUntil);
