import { jobSchema } from '@nebula/contract/job';
import { toPage } from '../../platform/page.ts';
import { accountProcedure, meteredProcedure, router } from '../../trpc.ts';
import {
  deletedJobSchema,
  getJobInput,
  jobIdInput,
  jobListSchema,
  listJobsInput,
  toPublicJob,
} from './schema.ts';
import {
  cancelJob,
  deleteJob,
  findJob,
  listJobs,
  openOutputs,
  retryJob,
  streamEvents,
  submitSteps,
  waitForEnd,
} from './service.ts';
import { createJobInput } from './steps-schema.ts';

const read = { scope: 'jobs:read' };
const write = { scope: 'jobs:write' };
const owns = 'job';
const tags: [string] = ['Jobs'];

export const jobRouter = router({
  create: meteredProcedure
    .meta({
      access: write,
      openapi: {
        method: 'POST',
        path: '/jobs',
        summary: 'Start a job of several steps, or a pipeline',
        description:
          'Runs tools one after another; a step takes the files of earlier ones. The calls of all steps are reserved at the beginning; a step that is not done gives its own back. The files of the job are those that no later step takes; `/jobs/{id}/archive` gives them as one ZIP.',
        tags,
        output: jobSchema,
        status: 202,
      },
    })
    .input(createJobInput)
    .mutation(async ({ ctx, input }) => {
      const job = await toPublicJob(await submitSteps(ctx, input));
      ctx.replyHeaders.set('location', `/api/v1/jobs/${job.id}`);
      return job;
    }),

  list: accountProcedure
    .meta({
      access: read,
      openapi: {
        method: 'GET',
        path: '/jobs',
        summary: 'List the jobs',
        description: 'The jobs of the account, the newest first.',
        tags,
        output: jobListSchema,
      },
    })
    .input(listJobsInput)
    .query(async ({ ctx, input }) => {
      const { nextCursor, rows } = await listJobs(ctx.actor.account.id, input);
      const data = await Promise.all(rows.map(toPublicJob));
      return toPage(data, nextCursor);
    }),

  get: accountProcedure
    .meta({
      access: read,
      owns,
      openapi: {
        method: 'GET',
        path: '/jobs/{id}',
        summary: 'Get a job',
        description:
          'The job as it is now, or as it is after `wait` seconds at the latest. The addresses of its files work for 15 minutes; each call makes new ones.',
        tags,
        output: jobSchema,
      },
    })
    .input(getJobInput)
    .query(async ({ ctx, input: { id, wait } }) => {
      const key = { accountId: ctx.actor.account.id, id };
      const row = await findJob(key);
      const last = wait > 0 ? await waitForEnd(key, wait, ctx.signal) : row;
      return toPublicJob(last ?? row);
    }),

  cancel: accountProcedure
    .meta({
      access: write,
      owns,
      openapi: {
        method: 'POST',
        path: '/jobs/{id}/cancel',
        summary: 'Cancel a job',
        description:
          'Stops a job that waits or runs, and gives its call back. A job that is over is 409.',
        tags,
        output: jobSchema,
      },
    })
    .input(jobIdInput)
    .mutation(async ({ ctx, input: { id } }) =>
      toPublicJob(await cancelJob({ accountId: ctx.actor.account.id, id })),
    ),

  retry: meteredProcedure
    .meta({
      access: write,
      owns,
      openapi: {
        method: 'POST',
        path: '/jobs/{id}/retry',
        summary: 'Retry a job',
        description:
          'Begins a new job with the inputs and options of one that has failed or was canceled. It is charged as a new one, a key needs the scope of each of its tools, and the limits are those that the plan has now.',
        tags,
        output: jobSchema,
        status: 202,
      },
    })
    .input(jobIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      const job = await toPublicJob(await retryJob(ctx, id));
      ctx.replyHeaders.set('location', `/api/v1/jobs/${job.id}`);
      return job;
    }),

  delete: accountProcedure
    .meta({
      access: write,
      owns,
      openapi: {
        method: 'DELETE',
        path: '/jobs/{id}',
        summary: 'Delete a job',
        description: 'Removes the job and its files now; one that waits or runs is canceled first.',
        tags,
        output: deletedJobSchema,
      },
    })
    .input(jobIdInput)
    .mutation(async ({ ctx, input: { id } }) => {
      await deleteJob({ accountId: ctx.actor.account.id, id });
      return { id, deleted: true as const };
    }),

  events: accountProcedure
    .meta({
      access: read,
      owns,
      openapi: {
        method: 'GET',
        path: '/jobs/{id}/events',
        summary: 'Follow a job',
        description:
          'Server-Sent Events whose data is the job: `snapshot` first, `updated` with each change, and always `finished` or `failed` at the end. `Last-Event-ID` goes on where a stream broke off.',
        tags,
        sends: 'text/event-stream',
      },
    })
    .input(jobIdInput)
    .query(async ({ ctx, input: { id } }) => {
      const key = { accountId: ctx.actor.account.id, id };
      await findJob(key);
      return { open: () => streamEvents(key, ctx) };
    }),

  archive: accountProcedure
    .meta({
      access: read,
      owns,
      openapi: {
        method: 'GET',
        path: '/jobs/{id}/archive',
        summary: 'Download all files of a job',
        description: 'The outputs of a job that has succeeded, as one ZIP.',
        tags,
        sends: 'application/zip',
      },
    })
    .input(jobIdInput)
    .query(({ ctx, input: { id } }) => openOutputs({ accountId: ctx.actor.account.id, id })),
});
