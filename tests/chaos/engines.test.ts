import sharp from 'sharp';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  expectNoLeftovers,
  expectRecovery,
  jobHasBegun,
  killAll,
  mediaChildren,
  type Outcome,
  printBusily,
  printSlowly,
  resizeSlowly,
  waitUntilReady,
  whenAny,
  whenBusy,
} from '../support/chaos.ts';
import { expectProblem } from '../support/problem.ts';
import { webPid } from '../support/process.ts';
import { quotaLeft } from '../support/quota.ts';
import { pdfFacts } from '../support/samples.ts';
import { currentPids, newAccount } from '../support/stack.ts';

let account: Awaited<ReturnType<typeof newAccount>>;
let left: number;
let pids: Record<string, number>;
beforeAll(async () => {
  account = await newAccount({ plan: 'enterprise' });
});
beforeEach(async () => {
  await waitUntilReady();
  left = await quotaLeft(account.id);
  pids = currentPids();
});

/** Success after a second try is charged once; a failure says that it may be tried again, and is free. */
async function expectHonestEnd({ bytes, headers, status }: Outcome): Promise<boolean> {
  if (status !== 200) {
    const problem = expectProblem({ status, headers }, bytes.toString(), 'engine_crashed');
    expect(problem.retryable).toBe(true);
  }
  expect(await quotaLeft(account.id)).toBe(status === 200 ? left - 1 : left);
  expect(currentPids().media).toBe(pids.media);
  expect(webPid()).toBe(pids.web);
  return status === 200;
}

describe('kill -9 in the middle of a job', () => {
  test('of every browser', async () => {
    const running = printSlowly(account.key, 1_500);
    await jobHasBegun();
    const browsers = await whenAny(() => mediaChildren(/chrom/));
    killAll(browsers);
    const outcome = await running;
    if (await expectHonestEnd(outcome)) expect(pdfFacts(outcome.bytes).pages).toBe(2);
    await expectRecovery(account.key);
    await expectNoLeftovers(browsers);
  });

  test('of the page that has the document', async () => {
    const running = printBusily(account.key, 1_500);
    await jobHasBegun();
    const renderers = await whenBusy(() => mediaChildren(/--type=renderer/));
    killAll(renderers);
    const outcome = await running;
    if (await expectHonestEnd(outcome)) expect(pdfFacts(outcome.bytes).pages).toBe(1);
    await expectRecovery(account.key);
    await expectNoLeftovers(renderers);
  });

  test('of every page, also of those that only wait for a job', async () => {
    const running = printBusily(account.key, 1_500);
    await jobHasBegun();
    const renderers = await whenAny(() => mediaChildren(/--type=renderer/));
    killAll(renderers);
    await expectHonestEnd(await running);
    // More than there are browsers, so that each of them serves one.
    for (let job = 0; job < 4; job++) await expectRecovery(account.key);
    await expectNoLeftovers(renderers);
  });

  test('of the OpenCV worker that has the image', async () => {
    const running = resizeSlowly(account.key);
    const killed = await whenBusy(() => mediaChildren(/worker\.py/));
    killAll(killed);
    const outcome = await running;
    if (await expectHonestEnd(outcome)) {
      const { height, width } = await sharp(outcome.bytes).metadata();
      expect([width, height]).toEqual([6900, 6900]);
    }
    await expectRecovery(account.key);
    await expectNoLeftovers(killed);
  });

  test('of every image worker, again and again: each job ends, and the pool stays whole', async () => {
    const size = mediaChildren(/worker\.py/).length;
    const jobs: Promise<Outcome>[] = [];
    for (let round = 0; round < 3; round++) {
      jobs.push(resizeSlowly(account.key));
      const killed = await whenAny(() => mediaChildren(/worker\.py|sharp-worker/));
      killAll(killed);
    }
    for (const { status } of await Promise.all(jobs)) expect([200, 502]).toContain(status);
    const succeeded = (await Promise.all(jobs)).filter(({ status }) => status === 200).length;
    expect(await quotaLeft(account.id)).toBe(left - succeeded);
    await expect.poll(() => mediaChildren(/worker\.py/).length, { timeout: 10_000 }).toBe(size);
    await expectRecovery(account.key);
    await expectNoLeftovers([]);
  });
});
