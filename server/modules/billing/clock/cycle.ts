import { type PlanId, plans } from '@nebula/contract/plans';
import { type Paise, shareOf } from './money.ts';

/** Milliseconds of a day, of a cycle, and of the life of a quote. */
export const dayMs = 86_400_000;
export const cycleMs = 30 * dayMs;
export const quoteMs = 45 * 60_000;

/**
 * A stretch of one plan: from `start` up to, not including, `end` (epoch milliseconds on whole
 * seconds). The next one starts where it ends. It is 30 days long unless an upgrade or a lapse cut it.
 */
export type Cycle = { index: number; plan: PlanId; start: number; end: number };

/** Price of a plan for one cycle, tax included. */
export function priceOf(plan: PlanId): Paise {
  return plans[plan].pricePaise;
}

/** Money is counted by the second, so every moment that ends or starts a cycle is a whole one. */
export function wholeSecond(at: number): number {
  return Math.floor(at / 1000) * 1000;
}

/** The first cycle of an account: Free, from the moment it registered. */
export function firstCycle(at: number): Cycle {
  const start = wholeSecond(at);
  return { index: 0, plan: 'free', start, end: start + cycleMs };
}

/** The cycle after one that ends (or is cut) at `end`. */
export function followingCycle({ end, index }: Cycle, plan: PlanId): Cycle {
  return { index: index + 1, plan, start: end, end: end + cycleMs };
}

/** What the seconds from `at` to the end of a cycle cost, of its plan's price. */
export function unusedPaise({ end, plan, start }: Cycle, at: number): Paise {
  const from = Math.min(Math.max(wholeSecond(at), start), end);
  return shareOf(priceOf(plan), (end - from) / 1000, cycleMs / 1000);
}
