import { AppError } from '@nebula/contract/errors';
import { ulid } from 'ulid';

/** The time and the life of one job. */
export type JobLife = {
  id: string;
  /** Aborts with an AppError: deadline, hang-up of the caller, or shutdown. */
  signal: AbortSignal;
  /** Milliseconds until the deadline, never below zero. */
  remainingMs: () => number;
  /** Says that the work begins, and moves the deadline nearer where the work has one of its own. */
  begin: (runMs: number) => void;
  /** The caller has its answer. */
  end: () => void;
};

/** All jobs that have no answer yet, so that a shutdown can wait for them or stop them. */
export type RunningJobs = {
  /** @throws AppError `unavailable` while draining */
  open: (timeoutMs: number, hangUp: AbortSignal) => JobLife;
  /** Lets nobody in any more, and sends away the jobs that have not begun. */
  drain: () => void;
  isDraining: () => boolean;
  abortAll: () => void;
  /** Resolves when no job is left. */
  whenIdle: () => Promise<void>;
  count: () => number;
};

type Entry = { abort: (reason: AppError) => void; hasBegun: boolean };

export function createRunningJobs(): RunningJobs {
  const entries = new Set<Entry>();
  let isDraining = false;
  let onIdle: (() => void)[] = [];

  function open(timeoutMs: number, hangUp: AbortSignal): JobLife {
    if (isDraining) throw shuttingDown();
    const controller = new AbortController();
    const abort = (reason: AppError) => controller.abort(reason);
    const entry: Entry = { abort, hasBegun: false };
    const hungUp = () => abort(new AppError('client_closed', 'The caller hung up.'));
    let deadline = performance.now() + timeoutMs;
    let timer = setTimeout(() => abort(timedOut(entry.hasBegun)), timeoutMs);
    if (hangUp.aborted) hungUp();
    hangUp.addEventListener('abort', hungUp, { once: true });
    entries.add(entry);
    return {
      id: ulid(),
      signal: controller.signal,
      remainingMs: () => Math.max(0, deadline - performance.now()),
      begin: (runMs) => {
        entry.hasBegun = true;
        if (performance.now() + runMs >= deadline) return;
        deadline = performance.now() + runMs;
        clearTimeout(timer);
        timer = setTimeout(() => abort(timedOut(true)), runMs);
      },
      end: () => {
        clearTimeout(timer);
        hangUp.removeEventListener('abort', hungUp);
        entries.delete(entry);
        if (entries.size === 0) for (const resolve of onIdle.splice(0)) resolve();
      },
    };
  }

  return {
    open,
    drain: () => {
      isDraining = true;
      for (const entry of entries) if (!entry.hasBegun) entry.abort(shuttingDown());
    },
    isDraining: () => isDraining,
    abortAll: () => {
      for (const entry of entries) entry.abort(shuttingDown());
    },
    whenIdle: () =>
      new Promise((resolve) => {
        if (entries.size === 0) resolve();
        else onIdle = [...onIdle, resolve];
      }),
    count: () => entries.size,
  };
}

/** What a caller hears while this process ends; another process takes the same call. */
export function shuttingDown(): AppError {
  return new AppError('unavailable', 'The service is restarting.', { retryAfterSeconds: 2 });
}

function timedOut(hasBegun: boolean): AppError {
  const message = hasBegun
    ? 'The work took longer than its time limit and was stopped.'
    : 'The work could not begin within its time limit.';
  return new AppError('tool_timeout', message);
}
