import { expect, test } from 'vitest';
import { bearer } from '../support/callers.ts';
import { killAll, waitUntilReady } from '../support/chaos.ts';
import { acceptSlow, bytesOf, endOf, isProcessing, storedJob } from '../support/jobs.ts';
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
    const ids: string[] = [];
    for (let count = 0; count < 12; count++) ids.push((await acceptSlow(key, 1_500)).id);
    await Promise.all(ids.slice(0, 6).map((id) => isProcessing(accountId, id)));
    sleeps('SIGSTOP');
    const jobs = async () => Promise.all(ids.map((id) => storedJob(accountId, id)));
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
