import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';

/** So often, in milliseconds, a media-service that has a call in hand is asked whether it lives. */
const pulseMilliseconds = 3_000;
const answerMilliseconds = 5_000;

/** Questions without an answer after which it is taken for dead. */
const maxSilences = 3;

/**
 * Watches a media-service that has a call in hand. Its answer may be late because the work is long, or
 * because nobody is there any more: `lost` is aborted when it does not even say that it lives.
 */
export function watchPulse(
  url: string,
  dispatcher: Dispatcher,
): { lost: AbortSignal; stop: () => void } {
  const lost = new AbortController();
  const stopped = new AbortController();
  const { signal } = stopped;
  const watch = async () => {
    for (let silences = 0; silences < maxSilences; ) {
      await delay(pulseMilliseconds, undefined, { signal, ref: false });
      silences = (await isSilent(url, dispatcher)) ? silences + 1 : 0;
    }
    lost.abort();
  };
  // It ends by being stopped.
  watch().catch(() => undefined);
  return { lost: lost.signal, stop: () => stopped.abort() };
}

async function isSilent(url: string, dispatcher: Dispatcher): Promise<boolean> {
  const signal = AbortSignal.timeout(answerMilliseconds);
  try {
    const { body } = await request(`${url}/live`, { dispatcher, signal });
    await body.dump();
    return false;
  } catch {
    // One that ends lets nobody in any more, and finishes what it has begun.
    return signal.aborted;
  }
}
