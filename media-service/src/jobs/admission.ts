import { AppError } from '@nebula/contract/errors';
import type { EngineName } from '../engines/engines.ts';

/** The bounded waiting room of one engine. */
export type EngineQueue = {
  /**
   * Waits for a slot of the engine, accounts taking turns.
   *
   * @returns what gives the slot back; calling it twice does nothing more
   * @throws AppError `queue_full`, or the reason of `signal`
   */
  enter: (accountId: string, signal: AbortSignal) => Promise<() => void>;
  /** Throws `queue_full` when a job of this account would be refused now. */
  expectRoom: (accountId: string) => void;
  /** Lets waiting jobs in; to be called when the number of slots has grown. */
  pump: () => void;
  sizes: () => { running: number; waiting: number };
};

/** One queue for each engine. */
export type Admission = Record<EngineName, EngineQueue>;

type Waiter = { start: () => void; refuse: (error: AppError) => void };

/**
 * A queue with `slots()` places inside and `maxWaiting` outside. Accounts take turns, and where it is
 * full a newcomer takes the place of the last job of the account that has the most waiting.
 *
 * @param slots asked again at each change; 0 holds every job back
 */
export function createEngineQueue({
  engine,
  slots,
  maxWaiting,
}: {
  engine: string;
  slots: () => number;
  maxWaiting: number;
}): EngineQueue {
  const accounts = new Map<string, Waiter[]>();
  let waiting = 0;
  let running = 0;
  let meanRunSeconds = 1;

  function enter(accountId: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (isFree()) return Promise.resolve(occupy());
    return new Promise((resolve, reject) => {
      makeRoom(accountId);
      const leave = () => {
        remove(accountId, waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve(occupy());
        },
        refuse: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      const own = accounts.get(accountId);
      if (own) own.push(waiter);
      else accounts.set(accountId, [waiter]);
      waiting += 1;
      pump();
    });
  }

  function isFree(): boolean {
    return waiting === 0 && running < slots();
  }

  function occupy(): () => void {
    running += 1;
    const startedAt = performance.now();
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      running -= 1;
      meanRunSeconds += 0.2 * ((performance.now() - startedAt) / 1000 - meanRunSeconds);
      pump();
    };
  }

  function pump(): void {
    while (waiting > 0 && running < slots()) {
      const [next] = accounts;
      if (!next) return;
      const [accountId, waiters] = next;
      const waiter = waiters.shift();
      waiting -= 1;
      // The account goes to the end of the round, so that a thousand jobs of one wait for one of another.
      accounts.delete(accountId);
      if (waiters.length > 0) accounts.set(accountId, waiters);
      waiter?.start();
    }
  }

  function expectRoom(accountId: string): void {
    if (!isFree() && waiting >= maxWaiting && !largerAccount(accountId)) throw full();
  }

  function makeRoom(accountId: string): void {
    if (waiting < maxWaiting) return;
    const last = largerAccount(accountId)?.pop();
    if (!last) throw full();
    waiting -= 1;
    last.refuse(full());
  }

  /** The account with the most waiting jobs, where it would still have as many as the newcomer. */
  function largerAccount(accountId: string): Waiter[] | undefined {
    let largest: Waiter[] = [];
    for (const waiters of accounts.values()) if (waiters.length > largest.length) largest = waiters;
    const own = accounts.get(accountId)?.length ?? 0;
    return largest.length > own + 1 ? largest : undefined;
  }

  function remove(accountId: string, waiter: Waiter): void {
    const waiters = accounts.get(accountId) ?? [];
    const at = waiters.indexOf(waiter);
    if (at < 0) return;
    waiters.splice(at, 1);
    waiting -= 1;
    if (waiters.length === 0) accounts.delete(accountId);
  }

  function full(): AppError {
    const seconds = ((waiting + 1) * meanRunSeconds) / Math.max(1, slots());
    const message = `The queue of the ${engine} engine is full: ${waiting} are waiting.`;
    return new AppError('queue_full', message, {
      retryAfterSeconds: Math.min(120, Math.max(1, Math.ceil(seconds))),
    });
  }

  return { enter, expectRoom, pump, sizes: () => ({ running, waiting }) };
}
