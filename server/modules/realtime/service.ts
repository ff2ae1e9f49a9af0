import type { RealtimeEvent } from '@nebula/contract/realtime';
import { database } from '../../database.ts';
import { clock, isoTime } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { pusher } from '../../platform/pusher.ts';
import { digits } from '../outbox/service.ts';
import { leaseMilliseconds } from './lease.ts';
import { type Outgoing, sendSoon } from './sender.ts';

export { realtimeSettings } from '../../platform/pusher.ts';
export { type JoinRule, registerJoinRule } from './join-rules.ts';
export { startRealtimeSweeper } from './sweep.ts';
export { terminateSoon, terminationRow } from './terminate.ts';

const keptSeconds = 60 * 60;
/** Pusher refuses more than 10 kB; the facts of an event are far below that. */
const maxDataBytes = 8 * 1024;

type Facts = Record<string, unknown>;

/**
 * Tells of something that is stored. Call it after your own write. The event goes out at once and into
 * an outbox meanwhile, which is all that the caller waits for: a Pusher that is down, slow or refusing
 * costs nothing, and gets the event later. Never throws.
 *
 * @param channel one channel, or up to ten that hear the same event
 * @param data ids and small facts, never a secret nor an address of a file; whoever hears it asks the API
 * @param options `eventId` from `newId('rte')`, for a caller who may have to call again: the same event is told once
 * @example
 * await publish(userChannel(accountId), 'notification.created', { id });
 */
export async function publish(
  channel: string | readonly string[],
  event: RealtimeEvent,
  data: Facts,
  { eventId = newId('rte') }: { eventId?: string } = {},
): Promise<void> {
  if (!pusher()) return;
  const outgoing = prepare(channel, event, data, eventId);
  const isWritten = keep(eventId, outgoing);
  sendSoon(outgoing, { id: eventId, isWritten });
  await isWritten;
}

/** Writes the row of an event. Never throws: without it the event is sent all the same, once. */
async function keep(id: string, outgoing: Outgoing): Promise<void> {
  const now = clock.now();
  const dueAt = digits(now + leaseMilliseconds);
  const expiresAt = Math.floor(now / 1000) + keptSeconds;
  try {
    await database()
      .realtimeEvent.create({ ...outgoing, id, dueAt, expiresAt })
      .go();
  } catch (error) {
    // The same event may wait already.
    if (isConditionFailure(error)) return;
    const { event } = outgoing;
    logger().warn({ err: error, event }, 'an event was not kept; it is sent without an outbox');
  }
}

/**
 * Tells of something that is not worth keeping, such as typing or how far a job is: it is sent once
 * if Pusher is there, and nobody waits for it. Never throws.
 */
export function hint(channel: string | readonly string[], event: RealtimeEvent, data: Facts): void {
  if (pusher()) sendSoon(prepare(channel, event, data, newId('rte')));
}

function prepare(
  channel: string | readonly string[],
  event: RealtimeEvent,
  facts: Facts,
  eventId: string,
): Outgoing {
  const envelope = { event_id: eventId, at: isoTime(clock.now()) };
  const data = JSON.stringify({ ...facts, ...envelope });
  const isTooLarge = Buffer.byteLength(data) > maxDataBytes;
  if (isTooLarge) logger().error({ event }, 'an event carries too much; it is sent without facts');
  return {
    channels: typeof channel === 'string' ? [channel] : [...channel],
    event,
    data: isTooLarge ? JSON.stringify(envelope) : data,
  };
}
