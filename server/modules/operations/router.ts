import { AppError } from '@nebula/contract/errors';
import { z } from 'zod';
import { openProcedure, router } from '../../trpc.ts';
import { readReadiness } from './service.ts';

export const operationsRouter = router({
  health: openProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'GET',
        path: '/health',
        summary: 'Say that the process lives',
        description: 'Touches nothing else; a load balancer may ask as often as it likes.',
        tags: ['Operations'],
        output: z.object({ status: z.literal('ok') }),
      },
    })
    .query(() => ({ status: 'ok' as const })),

  ready: openProcedure
    .meta({
      access: 'public',
      openapi: {
        method: 'GET',
        path: '/ready',
        summary: 'Say whether calls will work',
        description: '200 when every part answers; 503 with the parts that do not.',
        tags: ['Operations'],
        output: z.object({ status: z.string(), parts: z.record(z.string(), z.string()) }),
      },
    })
    .query(async () => {
      const readiness = await readReadiness();
      if (readiness.status === 'ready') return readiness;
      const failed = Object.keys(readiness.parts).filter((name) => readiness.parts[name] !== 'ok');
      throw new AppError('unavailable', `Not ready: ${failed.join(', ')}.`, {
        extra: { parts: readiness.parts },
        retryAfterSeconds: 2,
      });
    }),
});
