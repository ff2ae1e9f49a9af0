import { randomUUID } from 'node:crypto';
import { logger } from './logger.ts';
import { redis } from './redis.ts';

/** A place whose holder says nothing for so long is free: its process is dead. */
const leaseMilliseconds = 6_000;
const renewMilliseconds = 2_000;

/** The right of an account to one more run at once. */
type Place = { accountId: string; id: string };

const held = new Map<string, Place>();
let timer: NodeJS.Timeout | undefined;

// Redis has the only clock: those of several machines differ.
const leaseEnd = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = now + ARGV[2]`;

const takeScript = `${leaseEnd}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], lease, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
return 1`;

const renewScript = `${leaseEnd}
redis.call('ZADD', KEYS[1], lease, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)`;

const keyOf = (accountId: string) => `runs:${accountId}`;

/**
 * Takes one of the places of an account, counted over all processes. While Redis is down each process
 * counts alone: never open. Undefined: none is free.
 *
 * @returns what gives the place back
 */
export async function takeRunPlace(
  accountId: string,
  places: number,
): Promise<(() => Promise<void>) | undefined> {
  const place = { accountId, id: randomUUID() };
  const isFree = await redis()
    .eval(takeScript, 1, keyOf(accountId), place.id, leaseMilliseconds, places)
    .then((taken) => taken === 1)
    .catch(() => countHeld(accountId) < places);
  if (!isFree) return undefined;
  held.set(place.id, place);
  timer ??= setInterval(renewAll, renewMilliseconds);
  return () => giveBack(place);
}

function countHeld(accountId: string): number {
  return [...held.values()].filter((place) => place.accountId === accountId).length;
}

async function giveBack({ accountId, id }: Place): Promise<void> {
  held.delete(id);
  if (held.size === 0) {
    clearInterval(timer);
    timer = undefined;
  }
  // A place that stays in Redis is free with its lease.
  await redis()
    .zrem(keyOf(accountId), id)
    .catch(() => {});
}

function renewAll(): void {
  for (const { accountId, id } of held.values())
    redis()
      .eval(renewScript, 1, keyOf(accountId), id, leaseMilliseconds)
      .catch((error: unknown) => logger().warn({ err: error }, 'a run was not counted on'));
}
