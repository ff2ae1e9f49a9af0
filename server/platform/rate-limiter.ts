import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { redis, redisReady } from './redis.ts';

/** Where a caller stands in the current minute. */
export type RateState = {
  limit: number;
  remaining: number;
  resetSeconds: number;
  allowed: boolean;
};

const windowSeconds = 60;
const windowMilliseconds = windowSeconds * 1000;
const limiters = new Map<number, RateLimiterRedis>();
/** A process that has only begun is not connected yet, and that is no outage. */
let firstConnection: Promise<void> | undefined;

/**
 * Counts one request of a caller against a limit a minute, over all processes. While Redis is down
 * each process counts alone at half the rate: never open. Whatever the clock of the machine is set
 * to, a minute is a minute.
 */
export async function countRequest(caller: string, limit: number): Promise<RateState> {
  firstConnection ??= redisReady();
  await firstConnection;
  try {
    return toState(await limiterFor(limit).consume(caller), limit);
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return { ...toState(refusal, limit), allowed: false };
    return countHere(caller, limit);
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
  });
  limiters.set(limit, limiter);
  return limiter;
}

function toState({ msBeforeNext, remainingPoints }: RateLimiterRes, limit: number): RateState {
  return {
    limit,
    remaining: Math.max(0, Math.min(limit, remainingPoints)),
    resetSeconds: wholeSeconds(msBeforeNext),
    allowed: true,
  };
}

type Minute = { count: number; endsAt: number };

const minutes = new Map<string, Minute>();

/** By the clock that nobody sets. */
function countHere(caller: string, limit: number): RateState {
  const now = performance.now();
  const begun = minutes.get(caller);
  const minute = begun && begun.endsAt > now ? begun : beginMinute(caller, now);
  minute.count += 1;
  const half = Math.max(1, Math.floor(limit / 2));
  return {
    limit,
    remaining: Math.max(0, half - minute.count),
    resetSeconds: wholeSeconds(minute.endsAt - now),
    allowed: minute.count <= half,
  };
}

function beginMinute(caller: string, now: number): Minute {
  const minute = { count: 0, endsAt: now + windowMilliseconds };
  minutes.set(caller, minute);
  const forget = () => minutes.get(caller) === minute && minutes.delete(caller);
  setTimeout(forget, windowMilliseconds).unref();
  return minute;
}

const wholeSeconds = (milliseconds: number) => Math.max(1, Math.ceil(milliseconds / 1000));
