import { toPage } from '../../../platform/page.ts';
import { accountProcedure, router } from '../../../trpc.ts';
import {
  deletedPipelineSchema,
  listPipelinesInput,
  pipelineIdInput,
  pipelineListSchema,
  pipelineSchema,
  savePipelineInput,
  toPublicPipeline,
  updatePipelineInput,
} from './schema.ts';
import {
  createPipeline,
  deletePipeline,
  findPipeline,
  listPipelines,
  replacePipeline,
} from './service.ts';

const read = { scope: 'jobs:read' };
const write = { scope: 'jobs:write' };
const owns = 'pipeline';
const tags: [string] = ['Pipelines'];

export const pipelineRouter = router({
  list: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'GET',
        path: '/pipelines',
        summary: 'List the pipelines',
        description: 'The saved pipelines of the account, the newest first.',
        tags,
        output: pipelineListSchema,
      },
    })
    .input(listPipelinesInput)
    .query(async ({ ctx, input }) => {
      const { nextCursor, rows } = await listPipelines(ctx.actor.account.id, input);
      const data = rows.map(toPublicPipeline);
      return toPage(data, nextCursor);
    }),

  create: accountProcedure
    .meta({
      access: write,
      openapi: {
        method: 'POST',
        path: '/pipelines',
        summary: 'Save a pipeline',
        description:
          'Saves steps under a name. They are checked as those of a job, and run by `POST /jobs` with `pipeline` and `input`. Not charged.',
        tags,
        output: pipelineSchema,
        status: 201,
      },
    })
    .input(savePipelineInput)
    .mutation(async ({ ctx, input }) => {
      const pipeline = toPublicPipeline(await createPipeline(ctx.actor.account.id, input));
      ctx.replyHeaders.set('location', `/api/v1/pipelines/${pipeline.id}`);
      return pipeline;
    }),

  get: accountProcedure
    .meta({
      access: read,
      owns,
      openapi: {
        method: 'GET',
        path: '/pipelines/{id}',
        summary: 'Get a pipeline',
        tags,
        output: pipelineSchema,
      },
    })
    .input(pipelineIdInput)
    .query(async ({ ctx, input: { id } }) =>
      toPublicPipeline(await findPipeline({ accountId: ctx.actor.account.id, id })),
    ),

  update: accountProcedure
    .meta({
      access: write,
      owns,
      openapi: {
        method: 'PUT',
        path: '/pipelines/{id}',
        summary: 'Replace a pipeline',
        description: 'Gives the pipeline another name and other steps. Jobs that run keep theirs.',
        tags,
        output: pipelineSchema,
      },
    })
    .input(updatePipelineInput)
    .mutation(async ({ ctx, input: { id, ...wish } }) =>
      toPublicPipeline(await replacePipeline({ accountId: ctx.actor.account.id, id }, wish)),
    ),

  delete: accountProcedure
    .meta({
      access: write,
      owns,
      openapi: {
        method: 'DELETE',
        path: '/pipelines/{id}',
        summary: 'Delete a pipeline',
        description: 'Removes the pipeline; jobs that it has begun go on.',
        tags,
        output: deletedPipelineSchema,
      },
    })
    .input(pipelineIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      await deletePipeline({ accountId: ctx.actor.account.id, id });
      return { id, deleted: true as const };
    }),
});
