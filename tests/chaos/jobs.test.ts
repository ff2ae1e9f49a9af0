import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jobHasBegun, killAll, waitUntilReady } from '../support/chaos.ts';
import { endLeases } from '../support/idempotency.ts';
import {
  accept,
  accepted,
  acceptSlow,
  bytesOf,
  endOf,
  isProcessing,
  newestJobs,
  newJobAccount,
  storedJob,
} from '../support/jobs.ts';
import { mediaPid, webPid } from '../support/process.ts';
import { quotaLeft } from '../support/quota.ts';
import { pdfFacts } from '../support/samples.ts';
import { currentPids, postJson, stack } from '../support/stack.ts';

const redis = new Redis(stack.env.REDIS_URL ?? '');
afterAll(() => redis.disconnect());

let account: Awaited<ReturnType<typeof newJobAccount>>;
let left: number;
beforeAll(async () => {
  account = await newJobAccount();
});
beforeEach(async () => {
  await waitUntilReady();
  left = await quotaLeft(account.id);
});

/** Waits through restarts: the answer is asked for until there is one. */
async function endThroughRestarts(id: string) {
  const status = async () => (await storedJob(account.id, id)).status;
  await expect.poll(status, { timeout: 50_000, interval: 200 }).toMatch(/succeeded|failed/);
  await waitUntilReady();
  return endOf(account.key, id);
}

describe('kill -9 of the web process in the middle of a job', () => {
  test('loses none: it ends after the restart, charged once', async () => {
    const web = webPid();
    const running = await acceptSlow(account.key, 3_000);
    await isProcessing(account.id, running.id);
    await jobHasBegun();
    const waiting = await accept(account.key, 'html-to-pdf', { html: '<h1>Waits</h1>' });
    killAll([web]);
    for (const { id } of [running, waiting]) {
      const done = await endThroughRestarts(id);
      expect(done.status).toBe('succeeded');
      expect(pdfFacts(await bytesOf(done)).pages).toBe(1);
    }
    expect(webPid()).not.toBe(web);
    expect((await storedJob(account.id, running.id)).attempt).toBe(2);
    expect(await quotaLeft(account.id)).toBe(left - 2);
  });

  test('before its request was answered: the same request finds the job, and is charged once', async () => {
    const body = { cache: false, html: '<h1>Asked twice</h1>', wait: { delay_ms: 4_000 } };
    const ask = (prefer: string) =>
      postJson('html-to-pdf', account.key, body, { 'idempotency-key': `twice-${left}`, prefer });
    const lost = ask('wait=30').catch(() => undefined);
    await jobHasBegun();
    const [first] = await newestJobs(account.id);
    killAll([webPid()]);
    expect(await lost).toBeUndefined();
    await waitUntilReady();
    await endLeases(account.id);
    const again = await accepted(await ask('respond-async'));
    expect(again.id).toBe(first?.id);
    expect((await endThroughRestarts(again.id)).status).toBe('succeeded');
    expect(await quotaLeft(account.id)).toBe(left - 1);
  });

  test('twice under the same job makes it a failure that is free', async () => {
    const poison = await acceptSlow(account.key, 10_000);
    for (let attempt = 1; attempt <= 2; attempt++) {
      const tries = async () => (await storedJob(account.id, poison.id)).attempt;
      await expect.poll(tries, { timeout: 40_000, interval: 50 }).toBe(attempt);
      await jobHasBegun();
      killAll([webPid()]);
      await waitUntilReady();
    }
    const end = await endThroughRestarts(poison.id);
    expect(end).toMatchObject({ status: 'failed', units: 0, error: { code: 'engine_crashed' } });
    expect(await quotaLeft(account.id)).toBe(left);
  }, 150_000);
});

describe('kill -9 of the media-service in the middle of a job', () => {
  test('costs an attempt, and the job succeeds with the next', async () => {
    const { id } = await acceptSlow(account.key, 3_000);
    await isProcessing(account.id, id);
    await jobHasBegun();
    killAll([mediaPid()]);
    const done = await endThroughRestarts(id);
    expect(done.status).toBe('succeeded');
    expect((await storedJob(account.id, id)).attempt).toBe(2);
    expect(await quotaLeft(account.id)).toBe(left - 1);
  });
});

describe('SIGTERM of the media-service while jobs run and wait', () => {
  test('fails none and costs none an attempt: those that run finish, the others wait', async () => {
    const media = mediaPid();
    const ids: string[] = [];
    for (let count = 0; count < 8; count++) ids.push((await acceptSlow(account.key, 6_000)).id);
    for (const id of ids.slice(0, 3)) await isProcessing(account.id, id);
    process.kill(media, 'SIGTERM');
    for (const id of ids) {
      expect((await endThroughRestarts(id)).status).toBe('succeeded');
      expect((await storedJob(account.id, id)).attempt).toBe(1);
    }
    expect(mediaPid()).not.toBe(media);
    expect(await quotaLeft(account.id)).toBe(left - ids.length);
  }, 120_000);
});

describe('kill -9 of the store of files, several times', () => {
  test('costs no attempt: a job waits for it, and is charged once', async () => {
    const { id } = await acceptSlow(account.key, 1_000);
    await isProcessing(account.id, id);
    let killed = 0;
    // Each restart comes later than the one before: the store is away for seconds.
    for (let kills = 0; kills < 5; kills++) {
      const isNew = () => (currentPids().s3 ?? killed) !== killed;
      await expect.poll(isNew, { timeout: 20_000, interval: 50 }).toBe(true);
      killed = currentPids().s3 ?? 0;
      killAll([killed]);
    }
    expect((await endThroughRestarts(id)).status).toBe('succeeded');
    expect((await storedJob(account.id, id)).attempt).toBe(1);
    expect(await quotaLeft(account.id)).toBe(left - 1);
  }, 120_000);
});

describe('a Redis that forgets everything', () => {
  test('in the middle of a load loses no job, and none is charged twice', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 12; count++) {
      ids.push((await acceptSlow(account.key, 500)).id);
      if (count === 8) await redis.flushall();
    }
    for (const id of ids) expect((await endThroughRestarts(id)).status).toBe('succeeded');
    expect(await quotaLeft(account.id)).toBe(left - ids.length);
  });

  test('is not needed to accept a job', async () => {
    await redis.config('SET', 'maxclients', '1');
    try {
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes');
      const { id } = await accept(account.key, 'html-to-pdf', { html: '<h1>No queue</h1>' });
      await redis.config('SET', 'maxclients', '10000');
      expect((await endThroughRestarts(id)).status).toBe('succeeded');
      expect(await quotaLeft(account.id)).toBe(left - 1);
    } finally {
      await redis.config('SET', 'maxclients', '10000');
    }
  });
});
