import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { type Round, startRounds } from '#server/platform/rounds.ts';
import { stack } from '../support/stack.ts';

const hour = 60 * 60 * 1000;
const patience = { timeout: 45_000, interval: 100 };

const running: { stop: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ stop }) => stop()));
});

/** Starts a round on a queue of its own, as so many processes would. */
function start(round: Omit<Round, 'name'>, { queue = randomUUID(), processes = 1 } = {}): string {
  for (let at = 0; at < processes; at++)
    running.push(startRounds([{ name: 'test', ...round }], queue));
  return queue;
}

test('a round of three processes is had by one of them', async () => {
  let count = 0;
  const work = async () => {
    count += 1;
    return false;
  };
  start({ everyMilliseconds: hour, work }, { processes: 3 });
  await expect.poll(() => count, patience).toBe(1);
  // A second process that plans the round or takes it would do so at its start.
  await Promise.all(running.splice(0).map(({ stop }) => stop()));
  expect(count).toBe(1);
});

test('a round goes to the one process that knows it', async () => {
  const queue = randomUUID();
  const others = { name: 'other', everyMilliseconds: 500, work: async () => false };
  for (let count = 0; count < 5; count++) running.push(startRounds([others], queue));
  let count = 0;
  const work = async () => {
    count += 1;
    return false;
  };
  start({ everyMilliseconds: hour, work }, { queue });
  await expect.poll(() => count, patience).toBe(1);
});

test('a round that has more to do goes on at once', async () => {
  let left = 3;
  const work = async () => --left > 0;
  start({ everyMilliseconds: hour, work });
  await expect.poll(() => left, patience).toBe(0);
});

test('a round that fails comes again in its time', async () => {
  let count = 0;
  const work = async () => {
    count += 1;
    if (count === 1) throw new Error('The database is away.');
    return false;
  };
  start({ everyMilliseconds: 500, work });
  await expect.poll(() => count, patience).toBeGreaterThan(2);
});

test('a round comes again after Redis has forgotten all of it', async () => {
  let count = 0;
  const work = async () => {
    count += 1;
    return false;
  };
  const queue = start({ everyMilliseconds: 500, work });
  await expect.poll(() => count, patience).toBeGreaterThan(0);
  const redis = new Redis(stack.env.REDIS_URL ?? '');
  const keys = await redis.keys(`bull:${queue}-test:*`);
  expect(keys.length).toBeGreaterThan(0);
  await redis.del(...keys);
  const before = count;
  await expect.poll(() => count, patience).toBeGreaterThan(before + 1);
  await redis.quit();
});
