import { AppError } from '@nebula/contract/errors';
import { type ChannelKind, readChannel } from '@nebula/contract/realtime';
import type { Actor } from '../../context.ts';
import { pusher } from '../../platform/pusher.ts';
import type { Account } from '../account/service.ts';
import { mayJoin } from './join-rules.ts';

/** What a key may hear; the rest is for people. */
const keyKinds: readonly ChannelKind[] = ['job'];

/**
 * Signs a subscription, for one socket and one channel that the caller owns.
 *
 * @throws AppError `forbidden` for everything else, whether it exists or not
 */
export async function authorizeChannel(
  actor: Exclude<Actor, { kind: 'anonymous' }>,
  { channel, socketId }: { channel: string; socketId: string },
): Promise<{ auth: string; channel_data?: string }> {
  const client = connectedPusher();
  const { account } = actor;
  const target = readChannel(channel);
  const isOpenToCaller = target && (actor.kind !== 'key' || keyKinds.includes(target.kind));
  if (!isOpenToCaller || !(await mayJoin(account, target.kind, target.id)))
    throw new AppError('forbidden', 'There is no such channel, or it is not yours.');
  const isPresence = channel.startsWith('presence-');
  return client.authorizeChannel(socketId, channel, isPresence ? memberOf(account) : undefined);
}

/** Signs a socket in as the session or the key of its caller, so that it is closed when that ends. */
export function signInSocket(
  actor: Exclude<Actor, { kind: 'anonymous' }>,
  socketId: string,
): { auth: string; user_data: string } {
  const { auth, user_data = '' } = connectedPusher().authenticateUser(socketId, {
    id: actor.kind === 'key' ? actor.keyId : actor.sessionId,
  });
  return { auth, user_data };
}

function connectedPusher() {
  const client = pusher();
  if (!client) throw new AppError('unavailable', 'Live updates are not set up on this server.');
  return client;
}

/** What the others see; never anything that the caller has sent. */
function memberOf({ id, name, role }: Account) {
  return { user_id: id, user_info: { name, role } };
}
