import type { EngineName } from '../engines/engines.ts';
import type { Logger } from '../logger.ts';
import { abortable } from './abortable.ts';
import type { Admission } from './admission.ts';
import type { CpuTokens } from './cpu-tokens.ts';

/** A slot of an engine together with the CPU tokens of one run. */
export type Seat = { engine: EngineName; queueMs: number; release: () => void };

type Needs = { engine: EngineName; cpuTokens: number };

/** After an abort the caller is answered at the latest then, whether the runner has ended or not. */
const graceMs = 2000;

/**
 * Waits for the engine's slot first and for the cores second, so that nobody keeps cores while he
 * waits for an engine.
 *
 * @throws AppError `queue_full`, or the reason of `signal`
 */
export async function takeSeat(
  { admission, cpuTokens }: { admission: Admission; cpuTokens: CpuTokens },
  { engine, cpuTokens: count }: Needs,
  accountId: string,
  signal: AbortSignal,
): Promise<Seat> {
  const startedAt = performance.now();
  const leave = await admission[engine].enter(accountId, signal);
  try {
    const giveBack = await cpuTokens.acquire(count, signal);
    const release = () => {
      giveBack();
      leave();
    };
    return { engine, queueMs: performance.now() - startedAt, release };
  } catch (error) {
    leave();
    throw error;
  }
}

/**
 * Looks at an input when the engine's queue for looks lets it. No job waits in that queue, and who
 * looks waits for no seat; what a job looks at itself is covered by its seat.
 *
 * @throws AppError `queue_full`, or the reason of `signal`
 */
export async function lookInTurn<T>(
  { looks }: { looks: Admission },
  { accountId, engine, signal }: { engine: EngineName; accountId: string; signal: AbortSignal },
  look: (queueMs: number) => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  const leave = await looks[engine].enter(accountId, signal);
  try {
    return await look(performance.now() - startedAt);
  } finally {
    leave();
  }
}

/**
 * Does the work, and gives the seat back when the work has really ended, which may be after the
 * caller's answer.
 */
export async function runInSeat<T>(
  {
    countOverdue,
    logger,
  }: { countOverdue: (engine: EngineName, change: 1 | -1) => void; logger: Logger },
  { engine, release }: Seat,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) {
    release();
    throw signal.reason;
  }
  let isOverdue = false;
  const ended = async () => {
    try {
      return await work();
    } finally {
      release();
      if (isOverdue) countOverdue(engine, -1);
    }
  };
  return abortable(ended(), signal, {
    graceMs,
    onGiveUp: () => {
      isOverdue = true;
      countOverdue(engine, 1);
      logger.error({ engine }, 'a runner ignores its abort signal; its slot stays taken');
    },
  });
}
