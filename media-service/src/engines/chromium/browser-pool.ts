import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@nebula/contract/errors';
import type { Logger } from '../../logger.ts';
import type { BrowserProcess } from './browser-process.ts';
import { type BrowserSlot, createBrowserSlot } from './browser-slot.ts';

/** How long a browser stays as its last job left it, in case the next job wants the same page. */
const idleMilliseconds = 25;
const firstRetryMilliseconds = 250;
const longestRetryMilliseconds = 30_000;
/** Launches in a row that may fail before jobs are refused instead of waiting. */
const failuresUntilDown = 3;

/** Keeps a number of browsers running, and lends each to one job at a time. */
export type BrowserPool = {
  /** Resolves when all browsers are ready. @throws Error when one could not be launched */
  start: () => Promise<void>;
  /** Resolves when no process and no folder is left. */
  stop: () => Promise<void>;
  /** @throws AppError `unavailable` while browsers cannot be launched; the reason of `signal` */
  take: (accountId: string, signal: AbortSignal) => Promise<BrowserSlot>;
  giveBack: (slot: BrowserSlot) => void;
  /** Browsers that live, and those that ended. */
  counts: () => { alive: number; ended: number };
  version: () => string;
};

type Launch = (onDeath: (dead: BrowserProcess) => void) => Promise<BrowserProcess>;
type Waiter = { give: (slot: BrowserSlot) => void; refuse: (error: AppError) => void };

export function createBrowserPool(launch: Launch, size: number, logger: Logger): BrowserPool {
  const slots = new Set<BrowserSlot>();
  const idle: BrowserSlot[] = [];
  const waiting: Waiter[] = [];
  const launches = new Set<Promise<void>>();
  const burials = new Set<Promise<void>>();
  const tidyTimers = new WeakMap<BrowserSlot, NodeJS.Timeout>();
  const stopping = new AbortController();
  let failures = 0;
  let ended = 0;
  let version = '';

  async function launchSlot(): Promise<void> {
    const started = await launch(onDeath);
    if (stopping.signal.aborted) {
      started.kill();
      return started.ended;
    }
    failures = 0;
    version = started.version;
    if (started.isDead) return;
    const slot = createBrowserSlot(started, logger);
    slots.add(slot);
    await slot.tidy();
    giveBack(slot);
  }

  /** Launches what is missing; after a failure later, and with longer pauses. */
  function refill(): void {
    // What has just failed is tried one at a time.
    const isRoom = () =>
      slots.size + launches.size < size && (failures === 0 || launches.size === 0);
    while (!stopping.signal.aborted && isRoom()) void track(relaunch()).then(refill);
  }

  function track<T>(launching: Promise<T>): Promise<T> {
    const settled = launching.then(
      () => {},
      () => {},
    );
    launches.add(settled);
    return launching.finally(() => launches.delete(settled));
  }

  async function relaunch(): Promise<void> {
    try {
      if (failures > 0) await delay(retryMilliseconds(), undefined, { signal: stopping.signal });
      await launchSlot();
    } catch (error) {
      if (stopping.signal.aborted) return;
      noteFailure(error);
    }
  }

  function noteFailure(error: unknown): void {
    failures += 1;
    logger.error({ err: error, failures }, 'chromium did not start');
    if (!isDown()) return;
    for (const { refuse } of waiting.splice(0)) refuse(unavailable());
  }

  function isDown(): boolean {
    return slots.size === 0 && failures >= failuresUntilDown;
  }

  function retryMilliseconds(): number {
    return Math.min(longestRetryMilliseconds, firstRetryMilliseconds * 2 ** (failures - 1));
  }

  function unavailable(): AppError {
    return new AppError('unavailable', 'The browser engine is not running.', {
      retryAfterSeconds: Math.max(1, Math.ceil(retryMilliseconds() / 1000)),
    });
  }

  function onDeath(dead: BrowserProcess): void {
    ended += 1;
    burials.add(dead.ended);
    void dead.ended.then(() => burials.delete(dead.ended));
    for (const slot of slots) if (slot.process === dead) slots.delete(slot);
    remove(idle, (slot) => slot.process === dead);
    refill();
  }

  function giveBack(slot: BrowserSlot): void {
    if (slot.process.isDead) return;
    if (slot.isWornOut) {
      slot.process.kill();
      return;
    }
    const waiter = waiting.shift();
    if (waiter) {
      waiter.give(slot);
      return;
    }
    idle.unshift(slot);
    clearTimeout(tidyTimers.get(slot));
    const tidyIdle = () => {
      if (idle.includes(slot)) void slot.tidy();
    };
    tidyTimers.set(slot, setTimeout(tidyIdle, idleMilliseconds).unref());
  }

  async function take(accountId: string, signal: AbortSignal): Promise<BrowserSlot> {
    signal.throwIfAborted();
    const slot = chooseSlot(idle, accountId);
    if (slot) {
      remove(idle, (each) => each === slot);
      return slot;
    }
    if (isDown()) throw unavailable();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        remove(waiting, (each) => each === waiter);
        reject(signal.reason);
      };
      const settle = () => signal.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        give: (given) => {
          settle();
          resolve(given);
        },
        refuse: (error) => {
          settle();
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(waiter);
    });
  }

  async function start(): Promise<void> {
    const missing = size - slots.size - launches.size;
    const started = await Promise.allSettled(
      Array.from({ length: missing }, () => track(launchSlot())),
    );
    const failed = started.find(({ status }) => status === 'rejected');
    if (failed && slots.size === 0) {
      failures = failuresUntilDown;
      throw (failed as PromiseRejectedResult).reason;
    }
    refill();
  }

  async function stop(): Promise<void> {
    stopping.abort();
    const shutDown = new AppError('unavailable', 'The service is restarting.', {
      retryAfterSeconds: 2,
    });
    for (const { refuse } of waiting.splice(0)) refuse(shutDown);
    const dying = [...slots].map(({ process }) => process.ended);
    for (const { process } of slots) process.kill(shutDown);
    await Promise.allSettled([...dying, ...launches]);
    await Promise.allSettled(burials);
  }

  return {
    start,
    stop,
    take,
    giveBack,
    counts: () => ({ alive: slots.size, ended }),
    version: () => version,
  };
}

/** The account's own page, else one that is ready, else whichever; the last used first. */
function chooseSlot(idle: readonly BrowserSlot[], accountId: string): BrowserSlot | undefined {
  return (
    idle.find(({ keptFor }) => keptFor === accountId) ??
    idle.find(({ hasFreshPage, keptFor }) => hasFreshPage && keptFor === undefined) ??
    idle.find(({ hasFreshPage }) => hasFreshPage) ??
    idle[0]
  );
}

function remove<T>(list: T[], matches: (item: T) => boolean): void {
  const at = list.findIndex(matches);
  if (at >= 0) list.splice(at, 1);
}
