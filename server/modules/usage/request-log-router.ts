import { toPage } from '../../platform/page.ts';
import { accountProcedure, router } from '../../trpc.ts';
import {
  listRequestsInput,
  requestIdInput,
  requestLogListSchema,
  requestLogSchema,
  toPublicRequest,
} from './request-log-schema.ts';
import { findRequest, listRequests } from './service.ts';

const access = { scope: 'usage:read' };
const tags: [string] = ['Usage'];

export const requestLogRouter = router({
  list: accountProcedure
    .meta({
      access,
      openapi: {
        method: 'GET',
        path: '/request-logs',
        summary: 'List the calls',
        description:
          'Every call of a tool in the last 30 days, refused ones too, the newest first. Bodies are never kept.',
        tags,
        output: requestLogListSchema,
      },
    })
    .input(listRequestsInput)
    .query(async ({ ctx, input }) => {
      const { from, key_id: keyId, status_class: statusClass, to, ...same } = input;
      const { nextCursor, rows } = await listRequests(ctx.actor.account.id, {
        ...same,
        keyId,
        statusClass,
        from: from === undefined ? undefined : Date.parse(from),
        to: to === undefined ? undefined : Date.parse(to),
      });
      const data = rows.map(toPublicRequest);
      return toPage(data, nextCursor);
    }),

  get: accountProcedure
    .meta({
      access,
      owns: 'requestLog',
      openapi: {
        method: 'GET',
        path: '/request-logs/{id}',
        summary: 'Get a call',
        description: 'One call of a tool: its status, bytes and times, never its body.',
        tags,
        output: requestLogSchema,
      },
    })
    .input(requestIdInput)
    .query(async ({ ctx, input: { id } }) =>
      toPublicRequest(await findRequest({ accountId: ctx.actor.account.id, id })),
    ),
});
