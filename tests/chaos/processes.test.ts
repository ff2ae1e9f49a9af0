import type { ErrorCode } from '@nebula/contract/errors';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  expectNoLeftovers,
  expectRecovery,
  jobHasBegun,
  killAll,
  printSlowly,
  waitUntilReady,
} from '../support/chaos.ts';
import { expectProblem, type Problem } from '../support/problem.ts';
import { descendantsOf, isRunning, mediaPid, webPid } from '../support/process.ts';
import { endHeldCalls, quotaLeft } from '../support/quota.ts';
import { connectRaw, requestHead } from '../support/raw.ts';
import { html, pdfFacts } from '../support/samples.ts';
import { api, newAccount } from '../support/stack.ts';

let account: Awaited<ReturnType<typeof newAccount>>;
let left: number;
beforeAll(async () => {
  account = await newAccount({ plan: 'enterprise' });
});
beforeEach(async () => {
  await waitUntilReady();
  left = await quotaLeft(account.id);
});

test('a caller that hangs up stops the work, and is charged nothing', async () => {
  const connection = await connectRaw();
  const body = JSON.stringify({ html: html(), wait: { delay_ms: 10_000 } });
  await connection.write(
    requestHead('POST /api/v1/tools/html-to-pdf', {
      Authorization: `Bearer ${account.key}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    }) + body,
  );
  await jobHasBegun();
  connection.socket.destroy();
  await expectNoLeftovers([]);
  await expect.poll(() => quotaLeft(account.id)).toBe(left);
  await expectRecovery(account.key);
});

describe('kill -9 of the media-service in the middle of a job', () => {
  test('is a clear and free failure, and a new one takes the next job', async ({ annotate }) => {
    const web = webPid();
    const media = mediaPid();
    const running = printSlowly(account.key, 10_000);
    await jobHasBegun();
    const family = descendantsOf(media).map(({ pid }) => pid);
    expect(family.length).toBeGreaterThan(2);
    killAll([media]);
    const { bytes, headers, status } = await running;
    const { code } = JSON.parse(bytes.toString()) as Problem;
    expect(['unavailable', 'engine_crashed']).toContain(code);
    const problem = expectProblem({ status, headers }, bytes.toString(), code as ErrorCode);
    expect(problem.retryable).toBe(true);
    await expect.poll(() => quotaLeft(account.id)).toBe(left);
    // Two to four seconds; a process that was killed just before waits a little longer.
    const took = await expectRecovery(account.key, 30_000);
    await annotate(`recovered in ${took} ms`);
    await expectNoLeftovers([media, ...family]);
    expect(mediaPid()).not.toBe(media);
    expect(webPid()).toBe(web);
  });
});

describe('the web process', () => {
  test('finishes a running call after SIGTERM, takes no new one, and ends', async () => {
    const web = webPid();
    const running = printSlowly(account.key, 3_000);
    await jobHasBegun();
    process.kill(web, 'SIGTERM');
    const isRefused = () =>
      connectRaw().then(
        ({ socket }) => {
          socket.destroy();
          return false;
        },
        () => true,
      );
    await expect.poll(isRefused, { timeout: 2_000, interval: 10 }).toBe(true);
    const { bytes, status } = await running;
    expect(status).toBe(200);
    expect(pdfFacts(bytes).pages).toBe(2);
    await expect.poll(() => isRunning(web), { timeout: 10_000 }).toBe(false);
    await waitUntilReady();
    expect(webPid()).not.toBe(web);
    expect(await quotaLeft(account.id)).toBe(left - 1);
    expect(await callsInUsage()).toBeGreaterThanOrEqual(1);
    await expectNoLeftovers([web]);
  });

  test('killed with -9 leaves no upload and no work behind', async () => {
    const web = webPid();
    const running = printSlowly(account.key, 10_000).catch(() => undefined);
    await jobHasBegun();
    killAll([web]);
    expect(await running).toBeUndefined();
    await waitUntilReady();
    await expectNoLeftovers([web]);
    await expectRecovery(account.key);
  });

  test('killed with -9 leaves no call counted that nobody can answer any more', async () => {
    const own = await newAccount({ plan: 'enterprise' });
    const whole = await quotaLeft(own.id);
    const running = printSlowly(own.key, 10_000).catch(() => undefined);
    await jobHasBegun();
    killAll([webPid()]);
    await running;
    await waitUntilReady();
    expect(await quotaLeft(own.id)).toBe(whole - 1);
    await endHeldCalls(own.id);
    expect(await quotaLeft(own.id)).toBe(whole);
    await expectNoLeftovers([]);
  });
});

/** Usage that was pending when the process was told to end is written by then. */
async function callsInUsage(): Promise<number> {
  const response = await fetch(`${api}/usage`, {
    headers: { authorization: `Bearer ${account.key}` },
  });
  const { data } = (await response.json()) as { data: { calls: number }[] };
  return data.reduce((sum, { calls }) => sum + calls, 0);
}
