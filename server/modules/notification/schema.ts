import { notificationEventNames } from '@nebula/contract/notifications';
import type { EntityItem } from 'electrodb';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { idSchema } from '../../platform/ids.ts';
import type { notificationEntity } from './entity.ts';

/** A notification as it is stored. */
export type NotificationRow = EntityItem<typeof notificationEntity>;

export const notificationSchema = z.object({
  id: z.string(),
  object: z.literal('notification'),
  event: z.enum(notificationEventNames),
  title: z.string(),
  text: z.string(),
  link: z.string().describe('A page of the dashboard.'),
  count: z.int().describe('How often it has happened within its hour.'),
  is_read: z.boolean(),
  happened_at: z.iso.datetime(),
});

export const notificationListSchema = z.object({
  data: z.array(notificationSchema),
  unread: z.int().describe('Unread ones among the newest hundred.'),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export const listNotificationsInput = z.strictObject({
  unread: z.boolean().default(false).describe('Only those that are unread.'),
  limit: z.int().min(1).max(100).default(20).describe('Notifications in one answer.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('`next_cursor` of the answer before; none for the newest ones.'),
});

export const notificationIdInput = z.strictObject({
  id: idSchema('ntf').describe('Id of the notification.'),
});

export function toPublicNotification(
  row: NotificationRow & { isRead: boolean },
): z.infer<typeof notificationSchema> {
  const { count, event, happenedAt, id, isRead, link, text, title } = row;
  return {
    id,
    object: 'notification',
    event,
    title,
    text,
    link,
    count,
    is_read: isRead,
    happened_at: isoTime(happenedAt),
  };
}
