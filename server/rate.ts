import { AppError } from '@nebula/contract/errors';
import { plans } from '@nebula/contract/plans';
import { type Context, planOf } from './context.ts';
import { countRequest, type RateState } from './platform/rate-limiter.ts';

const anonymousPerMinute = 60;
const testKeyPerMinute = 10;
/** Looking at the dashboard uses up nothing of what programs may call. */
const dashboardPerMinute = 600;

/** Counts a call, tells the caller where it stands, and refuses it when its minute is used up. */
export async function countCall(
  ctx: Pick<Context, 'actor' | 'address' | 'replyHeaders' | 'transport'>,
): Promise<void> {
  const state = await countTightest(rateKeys(ctx));
  const reset = String(state.resetSeconds);
  const { replyHeaders } = ctx;
  replyHeaders.set('ratelimit-policy', `"minute";q=${state.limit};w=60`);
  replyHeaders.set('ratelimit', `"minute";r=${state.remaining};t=${reset}`);
  replyHeaders.set('x-ratelimit-limit', String(state.limit));
  replyHeaders.set('x-ratelimit-remaining', String(state.remaining));
  replyHeaders.set('x-ratelimit-reset', reset);
  if (state.allowed) return;
  const message = `More than ${state.limit} requests in a minute. Try again in ${reset} seconds.`;
  throw new AppError('rate_limited', message, { retryAfterSeconds: state.resetSeconds });
}

type Limit = [caller: string, limit: number];

/** The limit that refuses, or the one with the least left: it is the one to obey. */
async function countTightest([first, ...rest]: [Limit, ...Limit[]]): Promise<RateState> {
  let tightest = await countRequest(...first);
  for (const limit of rest) {
    if (!tightest.allowed) break;
    const state = await countRequest(...limit);
    if (!state.allowed || isTighter(state, tightest)) tightest = state;
  }
  return tightest;
}

/** Of two that have as little left, the one that goes on later. */
function isTighter(one: RateState, other: RateState): boolean {
  if (one.remaining !== other.remaining) return one.remaining < other.remaining;
  return one.resetSeconds > other.resetSeconds;
}

function rateKeys({
  actor,
  address,
  transport,
}: Pick<Context, 'actor' | 'address' | 'transport'>): [first: Limit, ...rest: Limit[]] {
  if (actor.kind === 'anonymous') return [[`address:${address}`, anonymousPerMinute]];
  const { account } = actor;
  if (actor.kind === 'session' && transport === 'trpc')
    return [[`dashboard:${account.id}`, dashboardPerMinute]];
  const shared: Limit =
    actor.kind === 'key' && actor.mode === 'test'
      ? [`test:${account.id}`, testKeyPerMinute]
      : [`account:${account.id}`, plans[planOf(actor)].requestsPerMinute];
  const key = actor.kind === 'key' ? actor.key : undefined;
  if (key?.requestsPerMinute === undefined) return [shared];
  return [[`key:${key.id}`, key.requestsPerMinute], shared];
}
