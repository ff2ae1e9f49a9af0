import { AppError } from '@nebula/contract/errors';
import { z } from 'zod';
import { personProcedure, router } from '../../trpc.ts';
import { removeSubscription, saveSubscription } from './service.ts';

const access = 'person';
const tags: [string] = ['Notifications'];
const endpoint = z.url({ protocol: /^https?$/ }).max(2_048);

export const pushRouter = router({
  subscribe: personProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/push-subscriptions',
        summary: 'Get notifications in a browser',
        description:
          'Takes what `PushManager.subscribe()` gives, as JSON. The browser is told of what the preferences say under `push`, until its session ends or its push service forgets it.',
        tags,
        output: z.object({ is_subscribed: z.literal(true) }),
        status: 201,
      },
    })
    .input(
      z.strictObject({
        endpoint: endpoint.describe('Address of the push service for this browser.'),
        keys: z
          .strictObject({ p256dh: z.string().min(1).max(128), auth: z.string().min(1).max(64) })
          .describe('Keys of the browser that messages are encrypted with.'),
        expirationTime: z.number().nullish().describe('As the browser gives it; not used.'),
      }),
    )
    .mutation(async ({ ctx, input: { endpoint, keys } }) => {
      const { actor } = ctx;
      if (actor.kind !== 'session') throw new AppError('forbidden', 'Expected a session.');
      const owner = { accountId: actor.account.id, sessionId: actor.sessionId };
      await saveSubscription(owner, { endpoint, ...keys });
      return { is_subscribed: true as const };
    }),

  unsubscribe: personProcedure
    .meta({
      access,
      openapi: {
        method: 'DELETE',
        path: '/push-subscriptions',
        summary: 'End notifications in a browser',
        description: 'Nothing happens where there is no such subscription in this account.',
        tags,
        output: z.object({ is_subscribed: z.literal(false) }),
      },
    })
    .input(
      z.strictObject({
        endpoint: endpoint.describe('Address that the subscription was made with.'),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      await removeSubscription(ctx.actor.account.id, input.endpoint);
      return { is_subscribed: false as const };
    }),
});
