/**
 * Waits for `promise`, but no longer than until `signal` aborts plus `graceMs`.
 *
 * @throws what `promise` rejects with; the reason of `signal` once it has aborted
 */
export function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  { graceMs = 0, onGiveUp }: { graceMs?: number; onGiveUp?: () => void } = {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = () => {
      onGiveUp?.();
      reject(signal.reason);
    };
    const wait = () => {
      if (graceMs === 0) giveUp();
      else timer = setTimeout(giveUp, graceMs);
    };
    const done = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wait);
      if (signal.aborted) reject(signal.reason);
      else settle();
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
    promise.then(
      (value) => done(() => resolve(value)),
      (error: unknown) => done(() => reject(error)),
    );
  });
}
