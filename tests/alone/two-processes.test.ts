import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killAll } from '../support/chaos.ts';
import { expectProblem } from '../support/problem.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';
import { png } from '../support/samples.ts';
import { startSecondWeb } from '../support/second-web.ts';
import { api, newAccount, postForm, stack } from '../support/stack.ts';
import type { Order, Outcome } from '../support/taker.ts';

const rounds = Number(process.env.QUOTA_RACE_ROUNDS ?? 4);
const left = 100;

let second: Awaited<ReturnType<typeof startSecondWeb>>;
beforeAll(async () => {
  second = await startSecondWeb({ WORKER_CONCURRENCY: '0' });
});
afterAll(() => second.stop());

/** The statuses of so many calls at once, half of them by each process. */
const statusesOf = (
  calls: number,
  key: string,
  path: string,
  init: () => RequestInit = () => ({}),
) =>
  Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      const at = index % 2 === 0 ? api : second.api;
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${at}${path}`, { ...init(), headers });
      await answer.arrayBuffer();
      return answer.status;
    }),
  );
const count = (statuses: number[], status: number) =>
  statuses.filter((each) => each === status).length;

test('the requests of a minute are counted over two processes, exactly', async () => {
  const { key } = await newAccount();
  const statuses = await statusesOf(60, key, '/usage');
  expect([count(statuses, 200), count(statuses, 429)]).toEqual([20, 40]);
});

test('500 racing calls with 20 left: whoever is answered is charged, and nobody else', async () => {
  const { id, key } = await newAccount({ plan: 'enterprise' });
  // So few that they are done before anybody has waited too long for a place.
  const left = 20;
  await leaveCalls(id, left);
  const photo = new Blob([new Uint8Array(await png(8, 8))]);
  let width = 0;
  const statuses = await statusesOf(500, key, '/tools/image-resize', () => {
    const body = new FormData();
    body.append('file', photo, 'a.png');
    // An equal request would be answered from the cache, and is free.
    body.append('width', String(++width));
    return { method: 'POST', body };
  });
  const done = count(statuses, 200);
  // A machine that is busy may refuse some for the moment: they cost nothing.
  const refused = [402, 429, 503].reduce((sum, status) => sum + count(statuses, status), 0);
  expect(done + refused).toBe(500);
  expect(done).toBeLessThanOrEqual(left);
  expect(count(statuses, 402)).toBeGreaterThan(0);
  await expect.poll(() => quotaLeft(id)).toBe(left - done);
}, 120_000);

test(
  `500 racing calls of two processes with 100 left: exactly 100, in ${rounds} rounds`,
  async () => {
    const takers = [startTaker(), startTaker()];
    try {
      await Promise.all(takers.map(answerOf));
      for (let round = 0; round < rounds; round++) {
        const { id } = await newAccount({ plan: 'enterprise' });
        await leaveCalls(id, left);
        const answers = await Promise.all(
          takers.map(async (taker) => {
            const answer = once(taker, 'message') as Promise<[Outcome]>;
            taker.send({ accountId: id, calls: 250 } satisfies Order);
            return (await answer)[0];
          }),
        );
        const [taken, lost] = [sumOf(answers, 'taken'), sumOf(answers, 'lost')];
        // Nothing is lost but on a machine so busy that its database does not answer.
        expect(taken).toBeLessThanOrEqual(left);
        expect(taken + lost).toBeGreaterThanOrEqual(left);
        expect(await quotaLeft(id)).toBe(0);
      }
    } finally {
      for (const taker of takers) taker.disconnect();
    }
  },
  Math.max(60_000, rounds * 20_000),
);

/** A run that goes on until its process is killed, or half a minute. */
const holdPlace = (base: string, key: string) =>
  fetch(`${base}/tools/html-to-pdf`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ html: 'x', cache: false, wait: { expression: 'window.no' } }),
  }).catch(() => undefined);

test('direct runs of an account are counted over two processes, and those of a killed one no more', async () => {
  const { id, key } = await newAccount();
  const resize = (width: string, cache: string) =>
    postForm('image-resize', key, { file: photo, width, cache });
  const photo = new Blob([new Uint8Array(await png(8, 8))]);
  const isKept = async () => {
    const answer = await resize('3', 'true');
    await answer.arrayBuffer();
    return answer.headers.get('x-cache');
  };
  // Few calls: the plan allows twenty in a minute.
  await expect.poll(isKept, { timeout: 30_000, interval: 1_000 }).toBe('hit');
  const before = await quotaLeft(id);
  const other = await startSecondWeb({ WORKER_CONCURRENCY: '0' });
  const redis = new Redis(stack.env.REDIS_URL ?? '');
  const holding = holdPlace(other.api, key);
  try {
    await expect.poll(() => redis.zcard(`runs:${id}`), { timeout: 30_000 }).toBe(1);
    const left = () => quotaLeft(id);
    await expect.poll(left, { timeout: 30_000 }).toBe(before - 1);
    const refused = await resize('4', 'false');
    const problem = expectProblem(refused, await refused.text(), 'concurrency_limited');
    expect(problem).toMatchObject({ retryable: true, limit: 1, plan: 'free' });
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(await left()).toBe(before - 1);
    // What is kept needs no place.
    expect(await isKept()).toBe('hit');
    killAll([other.pid]);
    const isFree = async () => (await resize('4', 'false')).status;
    await expect.poll(isFree, { timeout: 40_000, interval: 1_000 }).toBe(200);
  } finally {
    killAll([other.pid]);
    await holding;
    redis.disconnect();
  }
}, 120_000);

const sumOf = (answers: Outcome[], what: keyof Outcome) =>
  answers.reduce((sum, answer) => sum + answer[what], 0);

async function answerOf(taker: ChildProcess): Promise<Outcome> {
  const died = once(taker, 'exit').then(() => Promise.reject(new Error('A taker has died.')));
  const [answer] = await Promise.race([once(taker, 'message'), died]);
  return answer as Outcome;
}

function startTaker(): ChildProcess {
  const path = resolve(import.meta.dirname, '../support/taker.ts');
  return fork(path, { env: { ...process.env, ...stack.env }, execArgv: [] });
}
