import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { adminProcedure, router } from '../../trpc.ts';
import { listOperators, markOperator } from './service.ts';

const access = 'admin';
const tags: [string] = ['Admin'];

const operatorListSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      object: z.literal('operator'),
      name: z.string(),
      seen_at: z.iso.datetime(),
    }),
  ),
});

const answer = async () => ({
  data: (await listOperators()).map(({ id, name, seenAt }) => ({
    id,
    object: 'operator' as const,
    name,
    seen_at: isoTime(seenAt),
  })),
});

/** Who of the support is there. */
export const operatorRouter = router({
  list: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/admin/operators',
        summary: 'List who of the support is there',
        description: 'Those who have the inbox open now.',
        tags,
        output: operatorListSchema,
      },
    })
    .query(answer),

  mark: adminProcedure
    .meta({
      access,
      openapi: {
        method: 'POST',
        path: '/admin/operators/presence',
        summary: 'Say that you are there, or have left',
        description: 'Holds for a minute and a half; the other operators are told live.',
        tags,
        output: operatorListSchema,
      },
    })
    .input(z.strictObject({ is_here: z.boolean().describe('Whether the inbox is open.') }))
    .mutation(async ({ ctx, input }) => {
      await markOperator(ctx.actor.account, input.is_here);
      return answer();
    }),
});
