import { clock } from '../../platform/clock.ts';
import { type JobEvent, onJobEvent } from './events.ts';
import { isOver, type JobKey, type JobRow } from './schema.ts';
import { readJob } from './transitions.ts';

/** Events may get lost with Redis; so often the row is looked at all the same. */
const lookMilliseconds = 1_000;

const ending = new AbortController();

/** Ends everything that follows a job, because the process ends; callers come back to another. */
export const stopFollowing = () => ending.abort();

/**
 * The states of a job as they come, the present one first; ends with the last one, or when the job
 * is deleted. A state is given once; some may be skipped.
 *
 * @param isWorthALook events of which the caller wants to hear at once
 */
export async function* followJob(
  key: JobKey,
  caller: AbortSignal,
  isWorthALook: (event: JobEvent) => boolean = () => true,
): AsyncGenerator<JobRow | 'nothing new'> {
  const signal = AbortSignal.any([caller, ending.signal]);
  let seen = 0;
  let wake = () => {};
  let isAnnounced = false;
  const stop = onJobEvent(key.id, (event) => {
    if (!isWorthALook(event)) return;
    isAnnounced = true;
    wake();
  });
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      isAnnounced = false;
      const row = await readJob(key);
      if (!row) return;
      const isNew = row.revision > seen;
      seen = row.revision;
      yield isNew ? row : 'nothing new';
      if (isOver(row)) return;
      if (isAnnounced || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookMilliseconds);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    stop();
  }
}

/** The job at its end, or as it is after so many seconds. Undefined: it is gone. */
export async function waitForEnd(
  key: JobKey,
  seconds: number,
  signal: AbortSignal,
): Promise<JobRow | undefined> {
  const end = clock.now() + seconds * 1000;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
  for await (const state of followJob(key, limit, (event) => event !== 'updated')) {
    if (state !== 'nothing new' && isOver(state)) return state;
    if (clock.now() >= end) break;
  }
  return readJob(key);
}
