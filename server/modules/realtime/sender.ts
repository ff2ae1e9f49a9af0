import { setImmediate as nextTurn } from 'node:timers/promises';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { pusher } from '../../platform/pusher.ts';

/** An event as it is sent. */
export type Outgoing = { channels: string[]; event: string; data: string };

/** The row of an event, for the case that this process is not the one to tell it. */
type Kept = { id: string; isWritten: Promise<unknown> };

type Waiting = Outgoing & { kept?: Kept };

/** Pusher takes so many events in one request. */
const batchSize = 10;
/** More than this does not wait in memory: rows are swept, and hints are lost. */
const maxWaiting = 1_000;
/** After a failure nothing is tried from memory for so long. */
const restMilliseconds = 2_000;

/** Rows of events that were sent go together; by then none of them is due. */
const forgetMilliseconds = 500;
const forgetAtOnce = 25;

const waiting: Waiting[] = [];
let isSending = false;
let restUntil = 0;

/** Sends an event as soon as those before it are sent. Never throws, and waits for nothing. */
export function sendSoon(outgoing: Outgoing, kept?: Kept): void {
  if (clock.now() < restUntil || waiting.length >= maxWaiting) return;
  waiting.push({ ...outgoing, kept });
  if (!isSending) void sendWaiting();
}

/** One batch after another, so that the events of this process arrive in their order. */
async function sendWaiting(): Promise<void> {
  isSending = true;
  try {
    // Events of the same moment share a request.
    await nextTurn();
    while (waiting.length > 0) {
      const batch = takeBatch();
      await pusher()?.triggerBatch(
        batch.flatMap(({ channels, data, event: name }) =>
          channels.map((channel) => ({ channel, name, data })),
        ),
      );
      for (const { kept } of batch) if (kept) forgetSoon(kept);
    }
  } catch (error) {
    waiting.length = 0;
    restUntil = clock.now() + restMilliseconds;
    logger().warn({ err: error }, 'Pusher took no events; those with a row are sent later');
  } finally {
    isSending = false;
  }
}

function takeBatch(): Waiting[] {
  const batch: Waiting[] = [];
  for (let size = 0; waiting[0]; ) {
    size += waiting[0].channels.length;
    if (batch.length > 0 && size > batchSize) break;
    batch.push(waiting[0]);
    waiting.shift();
  }
  return batch;
}

/** A set: one that was sent twice is forgotten once, and no batch may name a row twice. */
const sent = new Set<string>();
let isForgetting = false;

/** A row may still be on its way when its event has arrived already. */
function forgetSoon({ id, isWritten }: Kept): void {
  void isWritten.then(() => {
    sent.add(id);
    if (isForgetting) return;
    isForgetting = true;
    setTimeout(() => void forget(), forgetMilliseconds).unref();
  });
}

/** What is not forgotten is sent once more, under the same id. */
async function forget(): Promise<void> {
  isForgetting = false;
  try {
    while (sent.size > 0) {
      const ids = [...sent].slice(0, forgetAtOnce);
      for (const id of ids) sent.delete(id);
      await database()
        .realtimeEvent.delete(ids.map((id) => ({ id })))
        .go();
    }
  } catch (error) {
    logger().warn({ err: error }, 'events that were sent stay in the outbox, and are sent again');
  }
}
