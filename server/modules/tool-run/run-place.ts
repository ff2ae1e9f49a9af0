import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@nebula/contract/errors';
import { type Plan, plans } from '@nebula/contract/plans';
import { takeRunPlace } from '../../platform/run-places.ts';
import type { Account } from '../account/service.ts';

/** A run may be over soon, so its caller waits a little instead of coming again. */
const waitMilliseconds = 10_000;
const pauseMilliseconds = { least: 50, most: 250 };

/** Those of this process who wait for a place of one account; the first of them asks for it. */
type Line = { count: number; last: Promise<void>; wake: () => void };

const lines = new Map<string, Line>();

/**
 * Waits until the plan of an account allows one more direct run.
 *
 * @returns what ends the run in this count
 * @throws AppError `concurrency_limited` where no other ends in time
 */
export async function awaitRunPlace(account: Account, signal: AbortSignal): Promise<() => void> {
  const plan = plans[account.plan];
  const limit = AbortSignal.any([signal, AbortSignal.timeout(waitMilliseconds)]);
  const line = lines.get(account.id) ?? { count: 0, last: Promise.resolve(), wake: () => {} };
  lines.set(account.id, line);
  const before = line.last;
  const { promise, resolve: letNext } = Promise.withResolvers<void>();
  line.last = promise;
  line.count++;
  try {
    await Promise.race([before, aborted(limit)]);
    while (!limit.aborted) {
      const giveBack = await takeRunPlace(account.id, plan.concurrentJobs);
      if (giveBack) return () => void giveBack().then(() => lines.get(account.id)?.wake());
      await pause(line, limit);
    }
    signal.throwIfAborted();
    throw tooMany(plan);
  } finally {
    letNext();
    if (--line.count === 0) lines.delete(account.id);
  }
}

/** Until a place of this process is given back, or another process may have given one. */
async function pause(line: Line, limit: AbortSignal): Promise<void> {
  const { least, most } = pauseMilliseconds;
  const woken = new Promise<void>((resolve) => {
    line.wake = resolve;
  });
  await Promise.race([woken, delay(least + Math.random() * (most - least)), aborted(limit)]);
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function tooMany({ concurrentJobs: limit, id, name }: Plan): AppError {
  const runs = limit === 1 ? 'one direct run' : `${limit} direct runs`;
  const message = `The ${name} plan allows ${runs} at once, and none has ended in time. Jobs wait for their turn: Prefer: respond-async.`;
  const extra = { limit, plan: id };
  return new AppError('concurrency_limited', message, { retryAfterSeconds: 1, extra });
}
