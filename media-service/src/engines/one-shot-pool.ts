import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '@nebula/contract/errors';
import type { Logger } from '../logger.ts';
import type { Engine } from './engines.ts';
import { type WorkerCommand, WorkerProcess } from './worker-process.ts';

const startMilliseconds = 20_000;
const maxBackoffMilliseconds = 10_000;

/** Processes that wait warm, serve exactly one request each, and end. */
export type OneShotPool = Engine & {
  /**
   * Has a fresh process do one thing. What one document leaves in a process, no other one meets.
   *
   * @throws AppError `input_too_complex` over the budget or out of memory; what the worker answers
   */
  request: <T>(body: Record<string, unknown>, signal: AbortSignal) => Promise<T>;
};

/**
 * Keeps `size` processes ready; one that has served is replaced, at once where none is left.
 *
 * @example
 * const pool = createOneShotPool(() => command, { size: 2, budgetMilliseconds: 60_000, logger });
 */
export function createOneShotPool(
  nextCommand: () => WorkerCommand,
  {
    budgetMilliseconds,
    logger,
    onFailedStart,
    size,
  }: {
    budgetMilliseconds: number;
    logger: Logger;
    /** Hears of a process that ended by itself before it was ready, ahead of the next one. */
    onFailedStart?: () => void;
    size: number;
  },
): OneShotPool {
  const spare: WorkerProcess[] = [];
  const busy = new Set<WorkerProcess>();
  let version = '';
  let restarts = 0;
  let failedStarts = 0;
  let isStopped = false;

  const launch = (): WorkerProcess => {
    let isReady = false;
    const onEnd = () => {
      if (!isReady && !worker.isKilled) onFailedStart?.();
      void refill(worker);
    };
    const worker = new WorkerProcess(nextCommand(), { logger, onEnd });
    spare.push(worker);
    const timer = setTimeout(() => worker.kill(), startMilliseconds);
    worker.ready
      .then((announced) => {
        isReady = true;
        version = announced;
        failedStarts = 0;
      })
      .catch(() => {
        failedStarts += 1;
      })
      .finally(() => clearTimeout(timer));
    return worker;
  };

  /** A process that ended before its turn is replaced; one that has served is replaced already. */
  const refill = async (worker: WorkerProcess) => {
    busy.delete(worker);
    const at = spare.indexOf(worker);
    if (at < 0 || isStopped) return;
    spare.splice(at, 1);
    restarts += 1;
    logger.warn({ worker: nextCommand().name }, 'worker ended before its turn and is replaced');
    if (failedStarts > size) {
      const wait = Math.min(maxBackoffMilliseconds, 100 * 2 ** failedStarts);
      await delay(wait, undefined, { ref: false });
    }
    if (!isStopped && spare.length < size) launch();
  };

  const take = async (signal: AbortSignal): Promise<WorkerProcess> => {
    signal.throwIfAborted();
    const worker = spare.shift() ?? launch();
    const at = spare.indexOf(worker);
    if (at >= 0) spare.splice(at, 1);
    busy.add(worker);
    // One stays ready; the start of another would take the processor from the document itself.
    if (!isStopped && spare.length === 0) launch();
    return worker;
  };

  const runOnce = async (body: Record<string, unknown>, signal: AbortSignal): Promise<unknown> => {
    const worker = await take(signal);
    const onAbort = () => worker.kill(isAppError(signal.reason) ? signal.reason : undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await worker.ready.catch((cause: unknown) => {
        throw new AppError('engine_crashed', 'The engine did not start. Try again.', { cause });
      });
      signal.throwIfAborted();
      return await worker.request(body);
    } finally {
      signal.removeEventListener('abort', onAbort);
      worker.kill();
      if (!isStopped && spare.length < size) launch();
    }
  };

  return {
    start: async () => {
      const areReady = () => {
        while (spare.length < size) launch();
        return Promise.all(spare.map(({ ready }) => ready));
      };
      // What a process starts from may be damaged; the one after it starts from something else.
      await areReady().catch(areReady);
    },
    stop: async () => {
      isStopped = true;
      for (const worker of [...spare, ...busy]) worker.kill();
      spare.length = 0;
    },
    health: () => ({
      ready: version !== '' && !isStopped,
      version,
      slots: size,
      busy: busy.size,
      restarts,
    }),
    request: async <T>(body: Record<string, unknown>, signal: AbortSignal) => {
      const budget = new AbortController();
      const timer = setTimeout(() => {
        const message = `The work takes longer than ${budgetMilliseconds / 1000} seconds.`;
        budget.abort(new AppError('input_too_complex', message));
      }, budgetMilliseconds);
      const either = AbortSignal.any([signal, budget.signal]);
      try {
        return (await runOnce(body, either)) as T;
      } catch (error) {
        if (either.aborted) throw either.reason;
        if (!isAppError(error) || error.code !== 'engine_crashed') throw error;
        if (isOutOfMemory(error)) throw tooComplex(error);
        return (await runOnce(body, either)) as T;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** V8 ends a process whose heap is full with SIGABRT; the same input would end the next one too. */
function isOutOfMemory({ details }: AppError): boolean {
  return details.cause instanceof Error && details.cause.message.includes('SIGABRT');
}

function tooComplex(cause: unknown): AppError {
  const message = 'The work needs more memory than one job may use.';
  return new AppError('input_too_complex', message, { cause });
}
