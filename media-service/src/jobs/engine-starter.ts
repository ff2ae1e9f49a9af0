import { AppError } from '@nebula/contract/errors';
import type { Engine, EngineName } from '../engines/engines.ts';
import type { Logger } from '../logger.ts';

/** Starts every engine, and knows how far each has come. */
export type EngineStarter = {
  /** Starts all at once and tries again what fails; resolves when each has been tried once. */
  start: (onStarted: (engine: EngineName) => void) => Promise<void>;
  stop: () => Promise<void>;
  state: (engine: EngineName) => EngineState;
  /** @throws AppError `unavailable` for an engine that could not be started */
  expect: (engine: EngineName) => void;
};

/** `starting` lets jobs wait; `failed` refuses them until a later try succeeds. */
export type EngineState = 'starting' | 'started' | 'failed';

const longestRetryMs = 30_000;

export function createEngineStarter(
  engines: Record<EngineName, Engine>,
  logger: Logger,
): EngineStarter {
  const names = Object.keys(engines) as EngineName[];
  const states = new Map<EngineName, EngineState>();
  const timers = new Set<NodeJS.Timeout>();
  let isStopped = false;

  async function tryStart(name: EngineName, retryMs: number, onStarted: (n: EngineName) => void) {
    try {
      await engines[name].start();
      if (isStopped) return;
      states.set(name, 'started');
      onStarted(name);
    } catch (error) {
      if (isStopped) return;
      states.set(name, 'failed');
      logger.error({ err: error, engine: name, retry_ms: retryMs }, 'an engine did not start');
      const timer = setTimeout(() => {
        timers.delete(timer);
        void tryStart(name, Math.min(longestRetryMs, retryMs * 2), onStarted);
      }, retryMs);
      timers.add(timer);
    }
  }

  async function stop() {
    isStopped = true;
    for (const timer of timers) clearTimeout(timer);
    const results = await Promise.allSettled(names.map((name) => engines[name].stop()));
    for (const result of results)
      if (result.status === 'rejected')
        logger.error({ err: result.reason }, 'an engine did not stop');
  }

  const state = (name: EngineName) => states.get(name) ?? 'starting';
  return {
    start: async (onStarted) => {
      await Promise.all(names.map((name) => tryStart(name, 1000, onStarted)));
    },
    stop,
    state,
    expect: (name) => {
      if (state(name) !== 'failed') return;
      throw new AppError('unavailable', `The ${name} engine is not running.`, {
        retryAfterSeconds: 5,
      });
    },
  };
}
