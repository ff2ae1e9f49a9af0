import { AppError } from '@nebula/contract/errors';
import { plans } from '@nebula/contract/plans';
import { type Context, planOf } from './context.ts';
import { countRequest } from './platform/rate-limiter.ts';

const anonymousPerMinute = 60;
const testKeyPerMinute = 10;

/** Counts a call, tells the caller where it stands, and refuses it when its minute is used up. */
export async function countCall(
  ctx: Pick<Context, 'actor' | 'address' | 'replyHeaders'>,
): Promise<void> {
  const [caller, limit] = rateKey(ctx);
  const state = await countRequest(caller, limit);
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

function rateKey({
  actor,
  address,
}: Pick<Context, 'actor' | 'address'>): [caller: string, limit: number] {
  if (actor.kind === 'anonymous') return [`address:${address}`, anonymousPerMinute];
  if (actor.kind === 'key' && actor.mode === 'test')
    return [`test:${actor.account.id}`, testKeyPerMinute];
  return [`account:${actor.account.id}`, plans[planOf(actor)].requestsPerMinute];
}
