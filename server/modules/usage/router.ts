import { z } from 'zod';
import { accountProcedure, router } from '../../trpc.ts';
import { toPublicUsage, usageListSchema } from './schema.ts';
import { readUsage } from './service.ts';

export const usageRouter = router({
  list: accountProcedure
    .meta({
      access: { scope: 'usage:read' },
      openapi: {
        method: 'GET',
        path: '/usage',
        summary: 'Read the usage',
        description: 'Counters of the account by day or by month, one row for each tool.',
        tags: ['Usage'],
        output: usageListSchema,
      },
    })
    .input(
      z.strictObject({
        by: z.enum(['day', 'month']).default('day').describe('Length of a period.'),
        period: z
          .string()
          .regex(
            /^\d{4}(-\d{2}(-\d{2})?)?$/,
            'Expected a period such as 2026, 2026-11 or 2026-11-23.',
          )
          .optional()
          .describe('Only periods that begin so; all by default.'),
      }),
    )
    .query(async ({ ctx, input }) => {
      const rows = await readUsage(ctx.actor.account.id, `${input.by}#${input.period ?? ''}`);
      return { data: rows.map(toPublicUsage) };
    }),
});
