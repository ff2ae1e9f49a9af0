import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { redis } from './redis.ts';

/** Where a caller stands in the current minute. */
export type RateState = {
  limit: number;
  remaining: number;
  resetSeconds: number;
  allowed: boolean;
};

const windowSeconds = 60;
const limiters = new Map<number, RateLimiterRedis>();

/**
 * Counts one request of a caller against a limit a minute, over all processes. While Redis is down
 * each process counts alone at half the rate: never open.
 */
export async function countRequest(caller: string, limit: number): Promise<RateState> {
  const limiter = limiterFor(limit);
  try {
    return toState(await limiter.consume(caller), limit);
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return { ...toState(refusal, limit), allowed: false };
    throw refusal;
  }
}

function limiterFor(limit: number): RateLimiterRedis {
  const known = limiters.get(limit);
  if (known) return known;
  const limiter = new RateLimiterRedis({
    storeClient: redis(),
    keyPrefix: 'rate',
    points: limit,
    duration: windowSeconds,
    insuranceLimiter: new RateLimiterMemory({
      points: Math.max(1, Math.floor(limit / 2)),
      duration: windowSeconds,
    }),
  });
  limiters.set(limit, limiter);
  return limiter;
}

function toState(result: RateLimiterRes, limit: number): RateState {
  return {
    limit,
    remaining: Math.max(0, Math.min(limit, result.remainingPoints)),
    resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1000)),
    allowed: true,
  };
}
