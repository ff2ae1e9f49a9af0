import { z } from 'zod';
import { toPage } from '../../platform/page.ts';
import { accountProcedure, router } from '../../trpc.ts';
import {
  createEndpointInput,
  deletedEndpointSchema,
  deliveryIdInput,
  deliveryListSchema,
  deliverySchema,
  endpointIdInput,
  endpointListSchema,
  endpointSchema,
  endpointWithSecretSchema,
  jobSecretSchema,
  listDeliveriesInput,
  replayedSchema,
  replayRangeInput,
  toEndpointSettings,
  toPublicDelivery,
  toPublicEndpoint,
  updateEndpointInput,
} from './schema.ts';
import {
  createEndpoint,
  deleteEndpoint,
  listDeliveries,
  listEndpoints,
  maxReplays,
  replayDelivery,
  replayRange,
  rotateJobSecret,
  rotateSecret,
  sendTestEvent,
  updateEndpoint,
} from './service.ts';

const access = { scope: 'webhooks:write' };
const tags: [string] = ['Webhooks'];

export const webhookEndpointRouter = router({
  list: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/webhook-endpoints',
        summary: 'List the webhook endpoints',
        description: 'Every endpoint of the account and how it fares; never a secret.',
        tags,
        output: endpointListSchema,
      },
    })
    .input(z.strictObject({}))
    .query(async ({ ctx }) => ({
      data: (await listEndpoints(ctx.actor.account.id)).map(toPublicEndpoint),
    })),

  create: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/webhook-endpoints',
        summary: 'Create a webhook endpoint',
        description:
          'Events are posted to it from now on, signed by Standard Webhooks. The answer holds the secret in `secret`, shown this once.',
        tags,
        output: endpointWithSecretSchema,
        showsSecret: true,
        status: 201,
      },
    })
    .input(createEndpointInput)
    .mutation(async ({ ctx, input: { url, ...rest } }) => {
      const accountId = ctx.actor.account.id;
      const settings = { ...toEndpointSettings(rest), url };
      const { row, secret } = await createEndpoint({ accountId, ...settings }, ctx);
      return { ...toPublicEndpoint(row), secret };
    }),

  update: accountProcedure
    .meta({
      access,
      owns: 'webhookEndpoint',
      openapi: {
        method: 'PATCH',
        path: '/webhook-endpoints/{id}',
        summary: 'Change a webhook endpoint',
        description:
          'Changes what is named and nothing else. What waits is kept while an endpoint is off, and sent when it is on again. A pause and failures of one `url` do not count for the next.',
        tags,
        output: endpointSchema,
      },
    })
    .input(updateEndpointInput)
    .mutation(async ({ ctx, input: { id, ...input } }) => {
      const target = { accountId: ctx.actor.account.id, id };
      const change = toEndpointSettings(input);
      return toPublicEndpoint(await updateEndpoint({ ...target, change }, ctx));
    }),

  delete: accountProcedure
    .meta({
      access,
      owns: 'webhookEndpoint',
      openapi: {
        method: 'DELETE',
        path: '/webhook-endpoints/{id}',
        summary: 'Delete a webhook endpoint',
        description: 'What was on its way to it is given up; the log of deliveries stays.',
        tags,
        output: deletedEndpointSchema,
      },
    })
    .input(endpointIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      await deleteEndpoint({ accountId: ctx.actor.account.id, id }, ctx);
      return { id, object: 'webhook_endpoint' as const, deleted: true as const };
    }),

  rotateSecret: accountProcedure
    .meta({
      access,
      owns: 'webhookEndpoint',
      openapi: {
        method: 'POST',
        path: '/webhook-endpoints/{id}/rotate-secret',
        summary: 'Rotate the secret of a webhook endpoint',
        description:
          'Gives a new secret, shown this once. For 24 hours every event carries two signatures, one by each secret.',
        tags,
        output: endpointWithSecretSchema,
        showsSecret: true,
      },
    })
    .input(endpointIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      const target = { accountId: ctx.actor.account.id, id };
      const { row, secret } = await rotateSecret(target, ctx);
      return { ...toPublicEndpoint(row), secret };
    }),

  test: accountProcedure
    .meta({
      access,
      owns: 'webhookEndpoint',
      openapi: {
        method: 'POST',
        path: '/webhook-endpoints/{id}/test',
        summary: 'Send a test event',
        description:
          'Sends an event of the type `webhook.test`, signed and repeated like every other. The answer is its delivery.',
        tags,
        output: deliverySchema,
        status: 202,
      },
    })
    .input(endpointIdInput)
    .mutation(async ({ ctx, input: { id } }) =>
      toPublicDelivery(await sendTestEvent({ accountId: ctx.actor.account.id, id })),
    ),
});

export const webhookSecretRouter = router({
  rotate: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/webhook-secret/rotate',
        summary: 'Rotate the secret of webhook_url',
        description:
          'Gives a new secret for what is sent to the `webhook_url` of jobs and batches, shown this once; the first call gives the first one. For 24 hours every event carries two signatures, one by each secret.',
        tags,
        output: jobSecretSchema,
        showsSecret: true,
      },
    })
    .input(z.strictObject({}))
    .mutation(async ({ ctx }) => {
      const { row, secret } = await rotateJobSecret(ctx.actor.account.id, ctx);
      const { previous_secret_expires_at } = toPublicEndpoint(row);
      return { secret, previous_secret_expires_at };
    }),
});

export const webhookDeliveryRouter = router({
  list: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/webhook-deliveries',
        summary: 'List webhook deliveries',
        description:
          'What was sent in the last 30 days, the newest first, with every attempt and what came of it.',
        tags,
        output: deliveryListSchema,
      },
    })
    .input(listDeliveriesInput)
    .query(async ({ ctx, input: { cursor, limit, ...filter } }) => {
      const accountId = ctx.actor.account.id;
      const { nextCursor, rows } = await listDeliveries(accountId, { cursor, filter, limit });
      return toPage(rows.map(toPublicDelivery), nextCursor);
    }),

  replay: accountProcedure
    .meta({
      access,
      owns: 'webhookDelivery',
      openapi: {
        method: 'POST',
        path: '/webhook-deliveries/{id}/replay',
        summary: 'Send a delivery again',
        description:
          'Sends the same event under the same `webhook-id` again, at once and with its whole schedule.',
        tags,
        output: deliverySchema,
        status: 202,
      },
    })
    .input(deliveryIdInput)
    .mutation(async ({ ctx, input: { id } }) =>
      toPublicDelivery(await replayDelivery({ accountId: ctx.actor.account.id, id })),
    ),

  replayRange: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/webhook-deliveries/replay',
        summary: 'Send a range of deliveries again',
        description: `Sends every delivery between two moments again, at once and with its whole schedule, the failed ones unless said otherwise; up to ${maxReplays} in one call.`,
        tags,
        output: replayedSchema,
        status: 202,
      },
    })
    .input(replayRangeInput)
    .mutation(({ ctx, input: { endpoint_id: endpointId, from, state, to } }) => {
      const between = { from: Date.parse(from), to: Date.parse(to) };
      return replayRange(ctx.actor.account.id, { ...between, endpointId, state });
    }),
});
