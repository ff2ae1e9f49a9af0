import { AppError } from '@nebula/contract/errors';

/** Runs so many pieces of work at once, lets some wait, and refuses the rest. */
export type BoundedQueue = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A queue that cannot grow: whoever would wait too long is better told so.
 *
 * @param limits `atOnce` run, `waiting` wait for their turn
 * @throws AppError `queue_full`, with the seconds after which to try again
 */
export function createBoundedQueue(limits: { atOnce: number; waiting: number }): BoundedQueue {
  const turns: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limits.atOnce) {
      if (turns.length >= limits.waiting)
        throw new AppError(
          'queue_full',
          'Too many are signing in at once; try again in a moment.',
          {
            retryAfterSeconds: 2,
          },
        );
      // Whoever ends passes the place on: it stays taken in between.
      await new Promise<void>((resolve) => turns.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = turns.shift();
      if (next) next();
      else running--;
    }
  };
}
