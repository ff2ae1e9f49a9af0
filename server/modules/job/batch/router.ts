import { batchSchema, batchWithItemsSchema } from '@nebula/contract/batch';
import { toPage } from '../../../platform/page.ts';
import { accountProcedure, meteredProcedure, router } from '../../../trpc.ts';
import {
  batchIdInput,
  batchListSchema,
  createBatchInput,
  listBatchesInput,
  maxItems,
  toPublicBatch,
} from './schema.ts';
import { cancelBatch, describeBatch, findBatch, listBatches, openBatch } from './service.ts';
import { submitBatch } from './submit.ts';

const read = { scope: 'jobs:read' };
const write = { scope: 'jobs:write' };
const owns = 'batch';
const tags: [string] = ['Batches'];

export const batchRouter = router({
  create: meteredProcedure
    .meta({
      access: write,
      openapi: {
        method: 'POST',
        path: '/batches',
        summary: 'Start a batch',
        description: `Runs one tool on up to ${maxItems} stored files or addresses. Each is an ordinary job of the account, charged as such; one for which no call is left fails with \`quota_exceeded\`. When all have ended, \`batch.finished\` is sent and the ZIP is there.`,
        tags,
        output: batchWithItemsSchema,
        status: 202,
      },
    })
    .input(createBatchInput)
    .mutation(async ({ ctx, input }) => {
      const batch = await describeBatch(await submitBatch(ctx, input));
      ctx.replyHeaders.set('location', `/api/v1/batches/${batch.id}`);
      return batch;
    }),

  list: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'GET',
        path: '/batches',
        summary: 'List the batches',
        description: 'The batches of the account, the newest first.',
        tags,
        output: batchListSchema,
      },
    })
    .input(listBatchesInput)
    .query(async ({ ctx, input }) => {
      const { nextCursor, rows } = await listBatches(ctx.actor.account.id, input);
      const data = rows.map(toPublicBatch);
      return toPage(data, nextCursor);
    }),

  get: accountProcedure
    .meta({
      access: read,
      owns,
      openapi: {
        method: 'GET',
        path: '/batches/{id}',
        summary: 'Get a batch',
        description:
          'The batch with the state of each input, in the order in which they were sent.',
        tags,
        output: batchWithItemsSchema,
      },
    })
    .input(batchIdInput)
    .query(async ({ ctx, input: { id } }) =>
      describeBatch(await findBatch({ accountId: ctx.actor.account.id, id })),
    ),

  cancel: accountProcedure
    .meta({
      access: write,
      owns,
      openapi: {
        method: 'POST',
        path: '/batches/{id}/cancel',
        summary: 'Cancel a batch',
        description:
          'Cancels the jobs that wait or run, and gives their calls back; what has ended stays. A batch that is over is 409.',
        tags,
        output: batchSchema,
      },
    })
    .input(batchIdInput)
    .mutation(async ({ ctx, input: { id } }) =>
      toPublicBatch(await cancelBatch({ accountId: ctx.actor.account.id, id })),
    ),

  archive: accountProcedure
    .meta({
      access: read,
      owns,
      openapi: {
        method: 'GET',
        path: '/batches/{id}/archive',
        summary: 'Download all files of a batch',
        description:
          'The outputs of all jobs that have succeeded, as one ZIP, once the batch is over.',
        tags,
        sends: 'application/zip',
      },
    })
    .input(batchIdInput)
    .query(({ ctx, input: { id } }) => openBatch({ accountId: ctx.actor.account.id, id })),
});
