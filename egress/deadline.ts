import { EgressTimeoutError } from './errors.ts';

/** A signal that ends with the caller's, or with an EgressTimeoutError when the time is over. */
export function withDeadline(timeoutMs: number, callerSignal: AbortSignal | undefined) {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new EgressTimeoutError()), timeoutMs);
  timer.unref();
  const signal = callerSignal ? AbortSignal.any([callerSignal, deadline.signal]) : deadline.signal;
  return { signal, clear: () => clearTimeout(timer) };
}

/** Settles as the promise does, or rejects with the signal's reason if that comes first. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
