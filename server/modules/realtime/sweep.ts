import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { logger } from '../../platform/logger.ts';
import { startLooker } from '../../platform/looker.ts';
import { isRefusedForGood, pusher } from '../../platform/pusher.ts';
import { claim, digits } from '../outbox/service.ts';
import { leaseMilliseconds } from './lease.ts';
import { closeSockets, terminateEvent } from './terminate.ts';

/** So long nothing is sent after one failure, two, three; the last wait goes on. */
const waits = [2_000, 5_000, 15_000];
const longestWait = 30_000;
const atOnce = 10;

type Row = {
  id: string;
  channels: string[];
  event: string;
  data: string;
  attempts: number;
  dueAt: string;
  expiresAt: number;
};

/** Sends what was left behind, again and again; every web process may. @returns a function that stops it */
export function startRealtimeSweeper(): () => Promise<void> {
  return startLooker({ name: 'realtime', look: sweep, idleMilliseconds: leaseMilliseconds }).stop;
}

let failures = 0;
let restUntil = 0;

/**
 * One event after another, in the order in which they were told. Ends with the first failure: whoever
 * is down for one event is down for all, and the event keeps its place before the later ones.
 *
 * @returns when the next is due
 */
async function sweep(): Promise<number | undefined> {
  if (!pusher()) return undefined;
  if (clock.now() < restUntil) return restUntil;
  for (;;) {
    const { data: rows } = await database()
      .realtimeEvent.query.due({ queue: 'pending' })
      .go({ count: atOnce });
    const due = rows.filter(({ dueAt }) => dueAt <= digits(clock.now()));
    for (const row of due) {
      if (await sendRow(row)) continue;
      restUntil = clock.now() + (waits[failures++] ?? longestWait);
      return restUntil;
    }
    failures = 0;
    if (due.length < atOnce) return rows[0] && Number(rows[0].dueAt);
  }
}

/** False when Pusher did not take it. */
async function sendRow(row: Row): Promise<boolean> {
  const { channels, data, event, expiresAt, id } = row;
  const isOld = expiresAt * 1000 < clock.now();
  if (!isOld) {
    if (!(await claim('realtimeEvent', row, leaseMilliseconds))) return true;
    try {
      if (event === terminateEvent) await closeSockets(channels);
      else await pusher()?.trigger(channels, event, data);
    } catch (error) {
      const isLost = isRefusedForGood(error);
      logger().warn({ err: error, event, id, isLost }, 'an event was not sent');
      if (!isLost) {
        await giveBack(row);
        return false;
      }
    }
  }
  await database().realtimeEvent.delete({ id }).go();
  return true;
}

/** To the place that it had, unless another sender has taken it over. */
async function giveBack({ attempts, dueAt, id }: Row): Promise<void> {
  try {
    await database()
      .realtimeEvent.patch({ id })
      .set({ dueAt, queue: 'pending' })
      .where((row, { eq }) => eq(row.attempts, attempts + 1))
      .go();
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
}
