import { isAppError } from '@nebula/contract/errors';
import { accountProcedure, router } from '../../trpc.ts';
import { findJob } from '../job/service.ts';
import { authorizeChannel, signInSocket } from './authorize.ts';
import { registerJoinRule } from './join-rules.ts';
import { authorizeInput, signatureSchema } from './schema.ts';

registerJoinRule('user', (account, id) => account.id === id);
registerJoinRule('admin', (account) => account.role === 'admin');
registerJoinRule('job', async ({ id: accountId }, id) => {
  try {
    await findJob({ accountId, id });
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return false;
    throw error;
  }
});

export const realtimeRouter = router({
  authorize: accountProcedure
    .meta({
      access: { scope: 'jobs:read' },
      openapi: {
        method: 'POST',
        path: '/realtime/auth',
        summary: 'Join a channel of live events',
        description:
          "Signs a subscription of a connected Pusher socket. A key may hear `private-job-{id}` of its account; somebody signed in also `private-user-{id}` and their conversations. Without `channel_name` it signs the socket in as the session of the caller, as `signin()` of Pusher's client asks: the socket is closed when the session ends.",
        tags: ['Realtime'],
        output: signatureSchema,
      },
    })
    .input(authorizeInput)
    .mutation(({ ctx, input: { channel_name: channel, socket_id: socketId } }) =>
      channel === undefined
        ? signInSocket(ctx.actor, socketId)
        : authorizeChannel(ctx.actor, { channel, socketId }),
    ),
});
