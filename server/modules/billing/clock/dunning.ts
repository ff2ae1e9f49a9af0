import { dayMs } from './cycle.ts';
import type { BillingState, Dunning } from './state.ts';

/** Days after the first attempt on which an unpaid renewal is charged; then the plan lapses. */
export const dunningDays = [0, 1, 3, 5, 7] as const;

/** An attempt whose result never comes does not keep a plan alive for longer than this. */
const silenceMs = dayMs;

/** When the attempt that is next may be made. */
export function attemptDueAt({ attempt, startedAt }: Dunning): number {
  return startedAt + (dunningDays[attempt] ?? Number.POSITIVE_INFINITY) * dayMs;
}

/** When an unpaid plan lapses although nobody said that the last attempt failed. */
export function lapseDueAt({ cycle, dunning }: BillingState): number {
  if (!dunning) return Number.POSITIVE_INFINITY;
  const lastDay = dunningDays.at(-1) ?? 0;
  return Math.min(cycle.end, dunning.startedAt + lastDay * dayMs + silenceMs);
}

export function isLastAttempt(attempt: number): boolean {
  return attempt >= dunningDays.length - 1;
}
