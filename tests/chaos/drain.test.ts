import { jobSchema } from '@nebula/contract/job';
import { afterEach, expect, test } from 'vitest';
import { bearer } from '../support/callers.ts';
import { newJobAccount, storedJob } from '../support/jobs.ts';
import { isRunning } from '../support/process.ts';
import { endHeldCalls, quotaLeft } from '../support/quota.ts';
import { startSecondWeb } from '../support/second-web.ts';
import { stack } from '../support/stack.ts';

/** How many jobs run, and how many wait; DRAIN_JOBS=8,50 is the whole. */
const [slots = 0, waiting = 0] = (process.env.DRAIN_JOBS ?? '3,4').split(',').map(Number);

/** Jobs of their own: no other process of the stack takes one. */
const own = { DYNAMODB_TABLE: 'nebula-drain', S3_BUCKET: 'nebula-drain' };
const world = { ...own, REDIS_URL: `${stack.env.REDIS_URL}/2` };
Object.assign(process.env, own);

const started: Awaited<ReturnType<typeof startSecondWeb>>[] = [];
async function startWeb() {
  const web = await startSecondWeb({ ...world, WORKER_CONCURRENCY: String(slots) });
  started.push(web);
  return web;
}
// One that is left would take the jobs of the next try.
afterEach(() => Promise.all(started.splice(0).map((web) => web.stop())));

test(
  `SIGTERM with ${slots} jobs running and ${waiting} waiting: it is not ready, takes none, fails nothing, and ends`,
  async () => {
    const first = await startWeb();
    const { id: accountId, key } = await newJobAccount();
    const left = await quotaLeft(accountId);
    const ask = (base: string, delay: number, headers: Record<string, string> = {}) =>
      fetch(`${base}/tools/html-to-pdf`, {
        method: 'POST',
        headers: { ...bearer(key), 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ html: 'drain', cache: false, wait: { delay_ms: delay } }),
      });
    const accepted = Array.from({ length: slots + waiting }, async () => {
      const answer = await ask(first.api, 1_500, { prefer: 'respond-async' });
      return jobSchema.parse(await answer.json()).id;
    });
    const ids = await Promise.all(accepted);
    const rows = () => Promise.all(ids.map((id) => storedJob(accountId, id)));
    const isBusy = async () => (await rows()).some(({ status }) => status === 'processing');
    await expect.poll(isBusy, { timeout: 30_000, interval: 50 }).toBe(true);

    const call = ask(first.api, 1_000).catch(() => undefined);
    const stopped = first.stop();
    const isReady = () =>
      fetch(`${first.api}/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(isReady, { timeout: 10_000, interval: 20 }).toBe(false);
    await stopped;
    expect(isRunning(first.pid)).toBe(false);
    const afterwards = await rows();
    expect(afterwards.filter(({ leaseUntil }) => leaseUntil > 0)).toEqual([]);

    const second = await startWeb();
    try {
      // Whoever came too late for the first one is served by the second.
      const early = await call;
      const answer = early?.ok ? early : await ask(second.api, 0);
      expect(answer.status).toBe(200);
      const states = async () => new Set((await rows()).map(({ status }) => status));
      await expect
        .poll(states, { timeout: 120_000, interval: 200 })
        .toEqual(new Set(['succeeded']));
      expect(new Set((await rows()).map(({ attempt }) => attempt))).toEqual(new Set([1]));
    } finally {
      await second.stop();
    }
    // What has ended is settled by now; a call that broke off gives back what it held.
    await endHeldCalls(accountId);
    expect(await quotaLeft(accountId)).toBe(left - ids.length - 1);
  },
  240_000 + waiting * 2_000,
);
