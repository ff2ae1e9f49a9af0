import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { logger } from '../../platform/logger.ts';
import { isRefusedForGood, pusher } from '../../platform/pusher.ts';

const lookMilliseconds = 2_000;
/** Whoever has an event in hand has it alone for so long. */
export const leaseMilliseconds = 10_000;
/** So long a failed event waits; the last wait goes on. */
const waits = [2_000, 5_000, 15_000, 30_000];
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

/** A moment as the index sorts it. */
export const digits = (milliseconds: number) => String(Math.max(0, milliseconds)).padStart(13, '0');

/** Sends what was left behind, again and again; every web process may. @returns a function that stops it */
export function startRealtimeSweeper(): () => void {
  let isSweeping = false;
  const look = async () => {
    if (isSweeping) return;
    isSweeping = true;
    await sweep().catch((error: unknown) =>
      logger().warn({ err: error }, 'the outbox of events was not swept'),
    );
    isSweeping = false;
  };
  const timer = setInterval(() => void look(), lookMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}

/** Ends with the first failure: whoever is down for one event is down for all. */
async function sweep(): Promise<void> {
  if (!pusher()) return;
  for (;;) {
    const { data: rows } = await database()
      .realtimeEvent.query.due({ queue: 'pending' })
      .lte({ dueAt: digits(clock.now()) })
      .go({ count: atOnce });
    const sent = await Promise.all(rows.map(sendRow));
    if (rows.length < atOnce || sent.includes(false)) return;
  }
}

/** False when Pusher did not take it. */
async function sendRow(row: Row): Promise<boolean> {
  const { channels, data, event, expiresAt, id } = row;
  const isOld = expiresAt * 1000 < clock.now();
  if (!isOld) {
    if (!(await claim(row))) return true;
    try {
      await pusher()?.trigger(channels, event, data);
    } catch (error) {
      const isLost = isRefusedForGood(error);
      logger().warn({ err: error, event, id, isLost }, 'an event was not sent');
      if (!isLost) return false;
    }
  }
  await database().realtimeEvent.delete({ id }).go();
  return true;
}

/** Moves the event ahead, which only one sender can do from the same place. */
async function claim({ attempts, dueAt, id }: Row): Promise<boolean> {
  const wait = waits[Math.min(attempts, waits.length - 1)] ?? leaseMilliseconds;
  try {
    await database()
      .realtimeEvent.patch({ id })
      .set({ dueAt: digits(clock.now() + wait), attempts: attempts + 1, queue: 'pending' })
      .where((row, { eq }) => eq(row.dueAt, dueAt))
      .go();
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}
