import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { pusher } from '../../platform/pusher.ts';
import { digits } from '../outbox/service.ts';
import { leaseMilliseconds } from './lease.ts';

/** In the place of an event's name: the connections of these sessions or keys are to be closed. */
export const terminateEvent = 'pusher:terminate';

const keptSeconds = 60 * 60;

/**
 * The row that closes the sockets of a session or a key, for the transaction that ends it; undefined where
 * there are no sockets. It is due when no process remembers it any more: whoever came back
 * until then is closed too.
 */
export function terminationRow(sessionId: string) {
  if (!pusher()) return undefined;
  const now = clock.now();
  return {
    id: newId('rte'),
    channels: [sessionId],
    event: terminateEvent,
    data: '{}',
    dueAt: digits(now + leaseMilliseconds),
    expiresAt: Math.floor(now / 1000) + keptSeconds,
  };
}

/** Closes them at once, as far as Pusher can be reached; the row does it again. Never throws. */
export function terminateSoon(sessionId: string): void {
  closeSockets([sessionId]).catch((error: unknown) =>
    logger().warn({ err: error }, 'sockets of an ended session are closed later'),
  );
}

export async function closeSockets(sessionIds: readonly string[]): Promise<void> {
  for (const id of sessionIds) await pusher()?.terminateUserConnections(id);
}
