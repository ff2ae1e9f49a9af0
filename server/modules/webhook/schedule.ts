const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long after a failed attempt the next one is made; the first is made at once. */
export const delays: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

const jitter = 0.2;
const maxRetryAfter = 24 * hour;

/**
 * When the next attempt is due, in milliseconds; undefined after the last one. A receiver may ask
 * for more patience, not for less.
 *
 * @param tries attempts that have failed so far
 */
export function nextAttemptAt(
  { now, retryAfterMs = 0, tries }: { now: number; retryAfterMs?: number; tries: number },
  random: () => number = Math.random,
): number | undefined {
  const delay = delays[tries];
  if (delay === undefined) return undefined;
  // Without it, all that failed in one outage would come back in one moment.
  const varied = Math.round(delay * (1 + jitter * (2 * random() - 1)));
  return now + Math.max(varied, Math.min(retryAfterMs, maxRetryAfter));
}

/** Milliseconds that a `Retry-After` asks for, in seconds or as a date; 0 for none. */
export function readRetryAfter(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const text = header.trim();
  const until = /^\d+$/.test(text) ? now + Number(text) * second : Date.parse(text);
  return Number.isNaN(until) ? 0 : Math.min(Math.max(0, until - now), maxRetryAfter);
}
