import { expect, test } from 'vitest';
import { bearer } from '../support/callers.ts';
import { killAll, waitUntilReady } from '../support/chaos.ts';
import { acceptSlow, bytesOf, endOf, storedJob } from '../support/jobs.ts';
import { quotaLeft } from '../support/quota.ts';
import { pdfFacts } from '../support/samples.ts';
import { startSecondWeb } from '../support/second-web.ts';
import { newAccount } from '../support/stack.ts';
import { deliveriesTo, newEndpoint } from '../support/webhooks.ts';

test('a worker that sleeps past its leases ends no job that another has taken over', async () => {
  await waitUntilReady();
  const second = await startSecondWeb({ WORKER_CONCURRENCY: '16' });
  const sleeps = (signal: 'SIGSTOP' | 'SIGCONT') => process.kill(second.pid, signal);
  try {
    const scopes = ['tools:run', 'jobs:read', 'jobs:write', 'webhooks:write'];
    const { id: accountId, key } = await newAccount({ plan: 'enterprise', scopes });
    const left = await quotaLeft(accountId);
    const endpoint = await newEndpoint(bearer(key), {
      url: 'https://nobody.invalid/hook',
      events: ['job.succeeded', 'job.failed'],
    });
    const accepted = await Promise.all(Array.from({ length: 12 }, () => acceptSlow(key, 1_500)));
    const ids = accepted.map(({ id }) => id);
    const jobs = async () => Promise.all(ids.map((id) => storedJob(accountId, id)));
    const running = async () => (await jobs()).filter(({ status }) => status === 'processing');
    await expect.poll(async () => (await running()).length, { timeout: 60_000 }).toBeGreaterThan(5);
    sleeps('SIGSTOP');
    const states = async () => new Set((await jobs()).map(({ status }) => status));
    await expect.poll(states, { timeout: 90_000, interval: 500 }).toEqual(new Set(['succeeded']));
    expect(Math.max(...(await jobs()).map(({ attempt }) => attempt))).toBe(2);

    // What it says now comes too late.
    const before = await jobs();
    sleeps('SIGCONT');
    await second.stop();
    expect(await jobs()).toEqual(before);
    for (const id of ids) {
      const job = await endOf(key, id);
      expect(pdfFacts(await bytesOf(job)).pages).toBe(1);
    }
    expect(await quotaLeft(accountId)).toBe(left - ids.length);
    const told = async () =>
      (await deliveriesTo(bearer(key), endpoint.id)).map(
        ({ payload }) => (JSON.parse(payload) as { data: { id: string } }).data.id,
      );
    await expect.poll(async () => (await told()).toSorted()).toEqual(ids.toSorted());
  } finally {
    killAll([second.pid]);
  }
}, 150_000);
