import { setTimeout as delay } from 'node:timers/promises';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { wakeLooker } from '../../platform/looker.ts';
import { type AttemptOutcome, attemptDelivery } from './attempt.ts';
import { changeDelivery, findDelivery, findPending } from './deliveries.ts';
import { noteFailure, noteGone, notePause, noteSuccess } from './health.ts';
import { laneLooker } from './lane.ts';
import { nextAttemptAt } from './schedule.ts';
import type { DeliveryRow, EndpointRow } from './schema.ts';

const batchSize = 25;
const concurrency = 5;
const lookMilliseconds = 500;
const turnMilliseconds = 20_000;
const keptAttempts = 20;
const pausingStatuses: (number | undefined)[] = [429, 503];

/**
 * Makes the attempts that are due at an endpoint, a few at once, and those that become due
 * meanwhile; for a turn at most, so that every endpoint has one. Returns when the next one is due,
 * or undefined where nothing waits.
 *
 * @param signal ends the turn after the attempts that run
 */
export async function deliverDue(
  endpoint: EndpointRow,
  signal: AbortSignal,
): Promise<number | undefined> {
  const until = clock.now() + turnMilliseconds;
  let isBroken = false;
  const isOver = () => isBroken || signal.aborted || clock.now() > until || !isOpen(endpoint);
  const tried = new Set<string>();
  const running = new Set<Promise<void>>();
  while (!isOver()) {
    const due = (await findDue(endpoint.id)).filter(({ id }) => !tried.has(id));
    if (due.length === 0 && running.size === 0) break;
    for (const row of due) {
      while (running.size >= slotsOf(endpoint)) await Promise.race(running);
      if (isOver()) break;
      tried.add(row.id);
      const ended = deliverOne(endpoint, row)
        .catch((error: unknown) => {
          isBroken = true;
          logger().error({ err: error, deliveryId: row.id }, 'a delivery was interrupted');
        })
        .finally(() => running.delete(ended));
      running.add(ended);
    }
    // One that hangs should not keep those that come after it from being seen.
    if (running.size > 0) await Promise.race([...running, delay(lookMilliseconds)]);
  }
  await Promise.all(running);
  // What has failed just now is due again in seconds, and more may come.
  if (tried.size > 0) wakeLooker(laneLooker, clock.now() + lookMilliseconds);
  return nextLookAt(endpoint);
}

const isOpen = ({ isEnabled, pausedUntil = 0 }: EndpointRow) =>
  isEnabled && pausedUntil <= clock.now();

/** One that fails gets one request at a time: if it is dead, it should cost little to find out. */
const slotsOf = ({ failingSince }: EndpointRow) => (failingSince === undefined ? concurrency : 1);

async function findDue(endpointId: string): Promise<DeliveryRow[]> {
  const pending = await findPending(endpointId, batchSize);
  return pending.filter(({ dueAt }) => dueAt <= clock.now());
}

async function nextLookAt({ id, isEnabled, pausedUntil = 0 }: EndpointRow) {
  if (!isEnabled) return undefined;
  const [first] = await findPending(id, 1);
  return first && Math.max(first.dueAt, pausedUntil);
}

/** One attempt, its record, and what it says of the endpoint. */
async function deliverOne(endpoint: EndpointRow, seen: DeliveryRow): Promise<void> {
  // The index that led here may be behind the row.
  const row = await findDelivery(seen);
  if (row?.state !== 'pending' || row.dueAt > clock.now()) return;
  const outcome = await attemptDelivery(endpoint, row);
  // Refused where somebody has asked for a replay meanwhile: that one is still to come.
  await changeDelivery(row, recordOf(row, outcome));
  // The addresses of jobs have nothing in common that could be well or ill.
  if (!endpoint.isOfJobs) await noteHealth(endpoint, outcome);
}

function recordOf(
  row: DeliveryRow,
  { attempt, isDelivered, isGone, retryAfterMs }: AttemptOutcome,
): Pick<DeliveryRow, 'attempts' | 'dueAt' | 'state' | 'tries'> {
  const now = clock.now();
  const tries = row.tries + 1;
  const attempts = [...row.attempts, attempt].slice(-keptAttempts);
  if (isDelivered) return { attempts, tries, state: 'succeeded', dueAt: now };
  const dueAt = isGone ? undefined : nextAttemptAt({ now, retryAfterMs, tries });
  return dueAt === undefined
    ? { attempts, tries, state: 'failed', dueAt: now }
    : { attempts, tries, state: 'pending', dueAt };
}

async function noteHealth(
  endpoint: EndpointRow,
  { attempt, isDelivered, isGone, retryAfterMs }: AttemptOutcome,
): Promise<void> {
  if (isDelivered) return noteSuccess(endpoint);
  if (isGone) return noteGone(endpoint);
  await noteFailure(endpoint);
  if (retryAfterMs > 0 && pausingStatuses.includes(attempt.status))
    await notePause(endpoint, clock.now() + retryAfterMs);
}
