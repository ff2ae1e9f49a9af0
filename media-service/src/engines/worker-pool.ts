import { setTimeout as delay } from 'node:timers/promises';
import { isAppError } from '@nebula/contract/errors';
import type { Logger } from '../logger.ts';
import type { Engine } from './engines.ts';
import { type WorkerCommand, WorkerProcess } from './worker-process.ts';

const startMilliseconds = 20_000;
const maxBackoffMilliseconds = 10_000;

/** A fixed number of long-lived workers; each is replaced the moment it ends. */
export type WorkerPool = Engine & {
  /**
   * Has one worker do one thing. An abort kills the worker; a worker that dies by itself is tried
   * once more on another.
   */
  request: <T>(body: Record<string, unknown>, signal: AbortSignal) => Promise<T>;
};

/**
 * Makes a pool over one command.
 *
 * @example
 * const pool = createWorkerPool(command, { size: 2, logger });
 * const size = await pool.request<Size>({ op: 'resize', … }, job.signal);
 */
export function createWorkerPool(
  command: WorkerCommand,
  { logger, size }: { logger: Logger; size: number },
): WorkerPool {
  const idle: WorkerProcess[] = [];
  const workers = new Set<WorkerProcess>();
  const waiting: ((worker: WorkerProcess) => void)[] = [];
  let version = '';
  let restarts = 0;
  let failedStarts = 0;
  let isStopped = false;

  /** A killed worker is still there until its end is noticed; whoever got it would end with it. */
  const offer = (worker: WorkerProcess) => {
    if (worker.isKilled || worker.isEnded) return;
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };

  const takeIdle = () => {
    let worker = idle.pop();
    while (worker?.isKilled) worker = idle.pop();
    return worker;
  };

  const launch = async (): Promise<void> => {
    if (isStopped || workers.size >= size) return;
    let wasReady = false;
    const onEnd = () => void replace(worker, wasReady);
    const worker = new WorkerProcess(command, { logger, onEnd });
    workers.add(worker);
    const timer = setTimeout(() => worker.kill(), startMilliseconds);
    try {
      version = await worker.ready;
      wasReady = true;
      failedStarts = 0;
      offer(worker);
    } finally {
      clearTimeout(timer);
    }
  };

  const replace = async (worker: WorkerProcess, wasReady: boolean) => {
    workers.delete(worker);
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
    if (isStopped) return;
    restarts += 1;
    if (!wasReady) failedStarts += 1;
    logger.warn({ worker: command.name }, 'worker ended and is replaced');
    if (failedStarts > size) {
      await delay(Math.min(maxBackoffMilliseconds, 100 * 2 ** failedStarts), undefined, {
        ref: false,
      });
    }
    launch().catch((error: unknown) => logger.error({ err: error }, 'worker did not start'));
  };

  const take = (signal: AbortSignal): Promise<WorkerProcess> => {
    signal.throwIfAborted();
    const worker = takeIdle();
    if (worker) return Promise.resolve(worker);
    return new Promise((resolve, reject) => {
      const onWorker = (given: WorkerProcess) => {
        signal.removeEventListener('abort', onAbort);
        resolve(given);
      };
      const onAbort = () => {
        waiting.splice(waiting.indexOf(onWorker), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(onWorker);
    });
  };

  const runOnce = async (body: Record<string, unknown>, signal: AbortSignal): Promise<unknown> => {
    const worker = await take(signal);
    const onAbort = () => worker.kill(isAppError(signal.reason) ? signal.reason : undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await worker.request(body);
    } finally {
      signal.removeEventListener('abort', onAbort);
      offer(worker);
    }
  };

  return {
    start: async () => {
      await Promise.all(Array.from({ length: size }, launch));
      // What takes the place of one that did not start is on its way already.
      await Promise.all([...workers].map(({ ready }) => ready));
    },
    stop: async () => {
      isStopped = true;
      for (const worker of workers) worker.kill();
    },
    health: () => ({
      ready: workers.size > 0 && version !== '',
      version,
      slots: size,
      busy: workers.size - idle.length,
      restarts,
    }),
    request: async <T>(body: Record<string, unknown>, signal: AbortSignal) => {
      try {
        return (await runOnce(body, signal)) as T;
      } catch (error) {
        const isCrash = isAppError(error) && error.code === 'engine_crashed';
        if (!isCrash || signal.aborted) throw error;
        return (await runOnce(body, signal)) as T;
      }
    },
  };
}
