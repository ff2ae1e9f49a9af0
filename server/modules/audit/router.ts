import { z } from 'zod';
import { toPage } from '../../platform/page.ts';
import { accountProcedure, adminProcedure, router } from '../../trpc.ts';
import { auditListSchema, pageInput, toPublicEvent } from './schema.ts';
import { listAllEvents, listEvents } from './service.ts';

export const auditRouter = router({
  list: accountProcedure
    .meta({
      access: { scope: 'audit:read' },
      openapi: {
        method: 'GET',
        path: '/audit-logs',
        summary: 'List the audit log',
        description: 'Who changed what in the account, from where, the newest first.',
        tags: ['Audit log'],
        output: auditListSchema,
      },
    })
    .input(z.strictObject(pageInput))
    .query(async ({ ctx, input }) => toAnswer(await listEvents(ctx.actor.account.id, input))),

  listAll: adminProcedure
    .meta({
      access: 'admin',
      openapi: {
        method: 'GET',
        path: '/admin/audit-logs',
        summary: 'List the audit log of every account',
        description: 'The events of one month, the newest first. For admins, signed in.',
        tags: ['Admin'],
        output: auditListSchema,
      },
    })
    .input(
      z.strictObject({
        ...pageInput,
        month: z
          .string()
          .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'Expected a month such as 2026-11.')
          .optional()
          .describe('The month, in UTC; this one unless said.'),
      }),
    )
    .query(async ({ ctx, input }) =>
      toAnswer(await listAllEvents({ adminId: ctx.actor.account.id, ...input })),
    ),
});

function toAnswer({ nextCursor, rows }: Awaited<ReturnType<typeof listEvents>>) {
  return toPage(rows.map(toPublicEvent), nextCursor);
}
