import { AppError } from '@nebula/contract/errors';
import { preferencesChangeSchema, preferencesSchema } from '@nebula/contract/notifications';
import { z } from 'zod';
import { toPage } from '../../platform/page.ts';
import { personProcedure, router } from '../../trpc.ts';
import {
  listNotificationsInput,
  notificationIdInput,
  notificationListSchema,
  toPublicNotification,
} from './schema.ts';
import {
  countUnread,
  listNotifications,
  markAllRead,
  markRead,
  readPreferences,
  writePreferences,
} from './service.ts';

const access = 'person';
const tags: [string] = ['Notifications'];
const doneSchema = z.object({ unread: z.int() });

export const notificationRouter = router({
  list: personProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/notifications',
        summary: 'List your notifications',
        description: 'The newest first; equal ones of an hour are one that counts.',
        tags,
        output: notificationListSchema,
      },
    })
    .input(listNotificationsInput)
    .query(async ({ ctx, input }) => {
      const { id } = ctx.actor.account;
      const [{ nextCursor, rows }, unread] = await Promise.all([
        listNotifications(id, input),
        countUnread(id),
      ]);
      return { ...toPage(rows.map(toPublicNotification), nextCursor), unread };
    }),

  read: personProcedure
    .meta({
      access,
      owns: 'notification',
      openapi: {
        method: 'POST',
        path: '/notifications/{id}/read',
        summary: 'Mark a notification as read',
        tags,
        output: doneSchema,
      },
    })
    .input(notificationIdInput)
    .mutation(async ({ ctx, input }) => {
      const accountId = ctx.actor.account.id;
      if (!(await markRead(accountId, input.id)))
        throw new AppError('not_found', 'There is no such notification in this account.');
      return { unread: await countUnread(accountId) };
    }),

  readAll: personProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/notifications/read-all',
        summary: 'Mark all notifications as read',
        tags,
        output: doneSchema,
      },
    })
    .input(z.strictObject({}))
    .mutation(async ({ ctx }) => {
      await markAllRead(ctx.actor.account.id);
      return { unread: await countUnread(ctx.actor.account.id) };
    }),

  preferences: personProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/notification-preferences',
        summary: 'Read what you are notified of',
        tags,
        output: preferencesSchema,
      },
    })
    .input(z.strictObject({}))
    .query(({ ctx }) => readPreferences(ctx.actor.account.id)),

  setPreferences: personProcedure
    .meta({
      access,
      openapi: {
        method: 'PUT',
        path: '/notification-preferences',
        summary: 'Choose what you are notified of',
        description:
          'Events that are not named stay as they are. Mails about safety and bills always come.',
        tags,
        output: preferencesSchema,
      },
    })
    .input(z.strictObject({ preferences: preferencesChangeSchema }))
    .mutation(({ ctx, input }) => writePreferences(ctx.actor.account.id, input.preferences)),
});
