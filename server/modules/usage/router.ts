import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { accountProcedure, router } from '../../trpc.ts';
import {
  documentListSchema,
  listDocumentsInput,
  listUsageInput,
  quotaSchema,
  usageListSchema,
} from './schema.ts';
import { readCycle, readDocumentUsage, readUsage } from './service.ts';

export const usageRouter = router({
  quota: accountProcedure
    .meta({
      access: { scope: 'usage:read' },
      openapi: {
        method: 'GET',
        path: '/usage/quota',
        summary: 'Read what is left',
        description:
          'Calls of the plan that the account has left in its cycle, and how many it will have used at the end.',
        tags: ['Usage'],
        output: quotaSchema,
      },
    })
    .input(z.strictObject({}))
    .query(async ({ ctx }) => {
      const { beganAt, resetsAt, ...counts } = await readCycle(ctx.actor.account);
      return { ...counts, began_at: isoTime(beganAt), resets_at: isoTime(resetsAt) };
    }),

  list: accountProcedure
    .meta({
      access: { scope: 'usage:read' },
      openapi: {
        method: 'GET',
        path: '/usage',
        summary: 'Read the usage',
        description:
          'Counters of the account by day or by month, one row for each tool or API key; of one tool, one key or both if wanted.',
        tags: ['Usage'],
        output: usageListSchema,
      },
    })
    .input(listUsageInput)
    .query(({ ctx, input }) => readUsage(ctx.actor.account.id, input)),

  documents: accountProcedure
    .meta({
      access: { scope: 'usage:read' },
      openapi: {
        method: 'GET',
        path: '/usage/documents',
        summary: 'Read the usage of each tool',
        description:
          'One row for the page of each tool, the busiest first: calls, how many had a result, and how long they took.',
        tags: ['Usage'],
        output: documentListSchema,
      },
    })
    .input(listDocumentsInput)
    .query(({ ctx, input }) => readDocumentUsage(ctx.actor.account.id, input)),
});
