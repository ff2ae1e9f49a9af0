const firstMilliseconds = 2_000;
const maxMilliseconds = 30_000;

/** When to try again. */
export type BackOff = {
  /** Tries after the next wait. */
  wait: () => void;
  /** It has worked: the next wait is a short one. */
  reset: () => void;
  close: () => void;
};

/**
 * Tries again after a while that doubles with every failure. Each wait is a random part of that, so
 * that those who lost their connection together do not come back together.
 */
export function createBackOff(attempt: () => void): BackOff {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const go = () => {
    clearTimeout(timer);
    timer = undefined;
    attempt();
  };
  /** A network that is back, or a person who is, need not wait. */
  const goNow = () => {
    if (timer !== undefined && globalThis.document?.visibilityState !== 'hidden') go();
  };
  globalThis.window?.addEventListener('online', goNow);
  globalThis.document?.addEventListener('visibilitychange', goNow);
  return {
    wait: () => {
      clearTimeout(timer);
      const longest = Math.min(maxMilliseconds, firstMilliseconds * 2 ** failures++);
      timer = setTimeout(go, Math.random() * longest);
    },
    reset: () => {
      failures = 0;
    },
    close: () => {
      clearTimeout(timer);
      timer = undefined;
      globalThis.window?.removeEventListener('online', goNow);
      globalThis.document?.removeEventListener('visibilitychange', goNow);
    },
  };
}
