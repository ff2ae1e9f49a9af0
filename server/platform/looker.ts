import { clock } from './clock.ts';
import { logger } from './logger.ts';

/** Looks for what is due in the database, again and again. */
export type Looker = {
  /** Processes have one of each name, which {@link wakeLooker} means. */
  name: string;
  /**
   * Does what is due. @returns when the next is due, in milliseconds, as far as it has seen; a moment
   * that is not ahead where there was something, and undefined where nothing waits
   */
  look: () => Promise<number | undefined>;
  /** From look to look, while there was something of late. */
  busyMilliseconds?: number;
  /** From look to look else; whatever another process left behind is seen by then. */
  idleMilliseconds?: number;
};

/** So long after something was found or told of, there may be more. */
const lateMilliseconds = 10_000;

/** What is written now is there by then. */
const soonMilliseconds = 50;

/** However often it is woken. */
const gapMilliseconds = 200;

/** Pages are bundled apart from the API, and wake the same lookers. */
const shared = globalThis as { nebulaLookers?: Map<string, (at: number) => void> };
shared.nebulaLookers ??= new Map();
const lookers = shared.nebulaLookers;

/**
 * Says that something is due, now or at a moment in milliseconds: whoever writes a row wakes the
 * looker of its own process, so no other has to look often. Without such a looker nothing happens.
 */
export function wakeLooker(name: string, at = clock.now() + soonMilliseconds): void {
  lookers.get(name)?.(at);
}

/**
 * Looks at once, when it is woken, when something falls due that it has seen, and in between often or
 * rarely, by whether there is something at all.
 *
 * @example
 * startLooker({ name: 'mail', look: sendDue });
 */
export function startLooker({
  busyMilliseconds = 2_000,
  idleMilliseconds = 10_000,
  look,
  name,
}: Looker): { stop: () => Promise<void> } {
  let isStopped = false;
  let busyUntil = 0;
  let restUntil = 0;
  /** The next look; those who wake it only bring it forward. */
  let nextAt = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  const plan = () => {
    clearTimeout(timer);
    if (isStopped || looking) return;
    const delay = Math.max(nextAt, restUntil) - clock.now();
    timer = setTimeout(begin, Math.max(0, delay)).unref();
  };

  const begin = () => {
    nextAt = Number.POSITIVE_INFINITY;
    looking = lookOnce().finally(() => {
      looking = undefined;
      plan();
    });
  };

  const lookOnce = async () => {
    const seenAt = await look().catch((error: unknown) => {
      logger().warn({ err: error, looker: name }, 'what is due could not be looked for');
      return 0;
    });
    const now = clock.now();
    restUntil = now + gapMilliseconds;
    if (seenAt !== undefined && seenAt <= now) busyUntil = now + lateMilliseconds;
    const regularAt = now + (now < busyUntil ? busyMilliseconds : idleMilliseconds);
    const dueAt = seenAt !== undefined && seenAt > now ? seenAt : regularAt;
    nextAt = Math.min(nextAt, regularAt, dueAt);
  };

  const wake = (at: number) => {
    busyUntil = Math.max(busyUntil, at + lateMilliseconds);
    if (at >= nextAt) return;
    nextAt = at;
    plan();
  };

  lookers.set(name, wake);
  begin();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      if (lookers.get(name) === wake) lookers.delete(name);
      await looking;
    },
  };
}
