import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '@nebula/contract/job';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bearer } from '../support/callers.ts';
import { waitUntilReady } from '../support/chaos.ts';
import { accept, bytesOf, endOf, storedJob } from '../support/jobs.ts';
import { quotaLeft } from '../support/quota.ts';
import { png } from '../support/samples.ts';
import { startSecondMedia } from '../support/second-media.ts';
import { startSecondWeb } from '../support/second-web.ts';
import { newAccount, stack } from '../support/stack.ts';
import { deliveriesTo, newEndpoint } from '../support/webhooks.ts';

const rounds = Number(process.env.CHAOS_ROUNDS ?? 20);
const seed = Number(process.env.CHAOS_SEED ?? 20_261_127);

let media: Awaited<ReturnType<typeof startSecondMedia>>;
let both: Awaited<ReturnType<typeof startSecondWeb>>;
beforeAll(async () => {
  media = await startSecondMedia();
  both = await startSecondWeb({
    MEDIA_URL: `${stack.env.MEDIA_URL},${media.url}`,
    WORKER_CONCURRENCY: '16',
  });
});
afterAll(async () => {
  await both.stop();
  await media.stop();
});
beforeEach(() => waitUntilReady());

const work = (folder = '') =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true }).filter((name) =>
        /(^|\/)[0-9A-Z]{26}$/.test(`${name}`),
      )
    : [];

/** Calls a tool as a client does that obeys Retry-After. */
async function patiently(key: string, tool: string, body: () => FormData): Promise<number[]> {
  const seen: number[] = [];
  for (let tries = 0; tries < 40; tries++) {
    const headers = { authorization: `Bearer ${key}` };
    const url = `${both.api}/tools/${tool}`;
    const answer = await fetch(url, { method: 'POST', headers, body: body() });
    await answer.arrayBuffer();
    seen.push(answer.status);
    if (answer.ok) return seen;
    expect([429, 502, 503], `status ${answer.status}`).toContain(answer.status);
    await pause(Number(answer.headers.get('retry-after') ?? 1) * 1000);
  }
  return seen;
}

function form(fields: Record<string, string | Blob>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

test('two media-services share the calls of one web process', async () => {
  const { key } = await newAccount({ plan: 'enterprise' });
  const page = () => form({ html: '<p>x', cache: 'false', 'wait[delay_ms]': '3000' });
  const calls = Promise.all([1, 2, 3, 4].map(() => patiently(key, 'html-to-pdf', page)));
  const busy = () => [work(stack.env.MEDIA_WORK_DIR).length > 0, work(media.workDir).length > 0];
  await expect.poll(busy, { timeout: 20_000, interval: 20 }).toEqual([true, true]);
  await calls;
});

test('one that is killed under load fails no caller who tries again, and is charged once', async () => {
  const { id, key } = await newAccount({ plan: 'enterprise' });
  const left = await quotaLeft(id);
  const photo = new Blob([new Uint8Array(await png(8, 8))]);
  let width = 0;
  const calls = Promise.all(
    Array.from({ length: 40 }, async () => {
      const fields = { cache: 'false', file: photo, width: String(++width) };
      return patiently(key, 'image-resize', () => form(fields));
    }),
  );
  await expect.poll(() => work(media.workDir).length, { timeout: 20_000, interval: 1 }).not.toBe(0);
  await media.kill();
  for (const statuses of await calls) expect(statuses.at(-1)).toBe(200);
  expect(await quotaLeft(id)).toBe(left - 40);
  // With one of the two gone the other has all the work.
  const statuses = await patiently(key, 'image-resize', () => form({ file: photo, width: '99' }));
  expect(statuses).toEqual([200]);
  media.start();
  await media.waitUntilUp();
}, 120_000);

test(
  `${rounds} kills at random moments lose no job, and charge and tell none twice (seed ${seed})`,
  async () => {
    const scopes = ['tools:run', 'jobs:read', 'jobs:write', 'webhooks:write'];
    const account = await newAccount({ plan: 'enterprise', scopes });
    const left = await quotaLeft(account.id);
    const endpoint = await newEndpoint(bearer(account.key), {
      url: 'https://nobody.invalid/hook',
      events: ['job.succeeded', 'job.failed'],
    });
    const html = (index: number) => `<h1>Document ${index % 4}</h1>`;
    const begin = (index: number) =>
      accept(account.key, 'html-to-pdf', {
        html: html(index),
        cache: false,
        wait: { delay_ms: 400 },
      });
    const clean: string[] = [];
    for (let index = 0; index < 4; index++)
      clean.push(await hashOf(await endOf(account.key, (await begin(index)).id)));

    // Some moments are in the middle of its start, some in the middle of jobs.
    const moments = fc.sample(fc.nat({ max: 2_500 }), { seed, numRuns: rounds });
    const ids: string[] = [];
    for (const moment of moments) {
      for (let count = 0; count < 3; count++) ids.push((await begin(ids.length)).id);
      await pause(moment);
      await media.kill();
      media.start();
    }

    let charged = clean.length;
    for (const [index, id] of ids.entries()) {
      const status = async () => (await storedJob(account.id, id)).status;
      await expect.poll(status, { timeout: 120_000, interval: 200 }).toMatch(/succeeded|failed/);
      const job = await endOf(account.key, id);
      if (job.status === 'succeeded') {
        expect(await hashOf(job)).toBe(clean[index % 4]);
        charged += 1;
      } else {
        // Both of its attempts were killed.
        expect(job).toMatchObject({ units: 0, error: { code: 'engine_crashed' } });
      }
      expect((await storedJob(account.id, id)).attempt).toBeLessThanOrEqual(2);
    }
    expect(charged).toBeGreaterThan(ids.length / 2);
    await expect.poll(() => quotaLeft(account.id)).toBe(left - charged);
    const told = async () =>
      (await deliveriesTo(bearer(account.key), endpoint.id))
        .map(({ payload }) => (JSON.parse(payload) as { data: { id: string } }).data.id)
        .filter((id) => ids.includes(id));
    await expect.poll(async () => (await told()).toSorted()).toEqual(ids.toSorted());
  },
  120_000 + rounds * 15_000,
);

const hashOf = async (job: Job) =>
  createHash('sha256')
    .update(await bytesOf(job))
    .digest('hex');
