import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { jobSchema } from '@nebula/contract/job';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bearer } from '../support/callers.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { type Dependency, dependencies, startFaultyWeb } from '../support/faulty-web.ts';
import { endLeases } from '../support/idempotency.ts';
import { bytesOf, storedJob } from '../support/jobs.ts';
import { endHeldCalls, quotaLeft } from '../support/quota.ts';
import { png } from '../support/samples.ts';
import { newAccount } from '../support/stack.ts';
import { deliveriesTo, newEndpoint } from '../support/webhooks.ts';

/** Chooses the cells: this one has the queue and the database first. */
const seed = Number(process.env.FAULT_SEED ?? 1017);
/** Jobs of each cell, half of them before the fault. */
const jobs = Number(process.env.FAULT_JOBS ?? 6);
/** How late each piece of a slow answer comes, in milliseconds. */
const milliseconds = Number(process.env.FAULT_SLOW_MS ?? 500);

const faults: Fault[] = [
  { mode: 'refuse' },
  { mode: 'hang' },
  { mode: 'slow', milliseconds },
  { mode: 'reset', afterBytes: 100 },
];
const all = dependencies.flatMap((name) => faults.map((fault) => ({ name, fault })));
/** FAULT_CELLS=24 tries every one. */
const cells = fc
  .sample(fc.shuffledSubarray(all, { minLength: all.length }), { seed, numRuns: 1 })[0]
  ?.slice(0, Number(process.env.FAULT_CELLS ?? 2));

let web: Awaited<ReturnType<typeof startFaultyWeb>>;
let photo: Blob;
beforeAll(async () => {
  web = await startFaultyWeb();
  photo = new Blob([new Uint8Array(await png(8, 8))]);
});
afterEach(() => web.heal());
afterAll(() => web.stop());

type Answer = { status: number; code?: string; text: string };

/** One call; whatever is wrong, its answer says so in our own words, and when to come back. */
async function ask(key: string, index: number, own: Record<string, string>): Promise<Answer> {
  const body = new FormData();
  body.append('cache', 'false');
  if (index % 2 === 0) {
    body.append('file', photo, 'a.png');
    body.append('width', '4');
  } else {
    body.append('html', '<p>Page');
    body.append('wait', JSON.stringify({ delay_ms: 600 }));
  }
  const tool = index % 2 === 0 ? 'image-resize' : 'html-to-pdf';
  const headers = { ...bearer(key), ...own };
  const answer = await fetch(`${web.api}/tools/${tool}`, { method: 'POST', headers, body });
  const text = await answer.text();
  if (answer.ok) return { status: answer.status, text };
  expect(answer.headers.get('content-type'), text).toBe('application/problem+json');
  expect(answer.headers.get('retry-after'), text).toMatch(/^[1-9]\d*$/);
  const { code } = JSON.parse(text) as { code: string };
  expect(['unavailable', 'engine_crashed', 'conflict', 'rate_limited'], text).toContain(code);
  return { status: answer.status, code, text };
}

/** Asks for a job until it is accepted, as a client does that obeys. */
async function submit(key: string, index: number, note: (first: Answer) => void): Promise<string> {
  const headers = { prefer: 'respond-async', 'idempotency-key': `job-${index}` };
  for (;;) {
    const answer = await ask(key, index, headers);
    note(answer);
    if (answer.status === 202) return jobSchema.parse(JSON.parse(answer.text)).id;
    await pause(500);
  }
}

/** What a call without a job is told while the fault lasts. */
const refusals: Partial<Record<Dependency, string[]>> = {
  dynamodb: ['unavailable'],
  media: ['unavailable', 'engine_crashed'],
};

test.each(cells ?? [])(
  `$name that does $fault.mode: callers are told, no job is lost or stuck, none is made or charged twice (seed ${seed})`,
  async ({ fault, name }) => {
    const scopes = ['tools:run', 'jobs:read', 'webhooks:write'];
    const { id: accountId, key } = await newAccount({ plan: 'enterprise', scopes });
    const before = await quotaLeft(accountId);
    const endpoint = await newEndpoint(
      bearer(key),
      { url: 'https://nobody.invalid/hook', events: ['job.succeeded', 'job.failed'] },
      web.api,
    );
    const numbers = Array.from({ length: jobs }, (_, index) => index);
    const submitAll = (some: number[], note: (answer: Answer) => void = () => {}) =>
      Promise.all(some.map((index) => submit(key, index, note)));
    const early = await submitAll(numbers.slice(0, jobs / 2));
    const running = [ask(key, 0, {}), ask(key, 1, {})];

    await web.fail(name, fault);
    const answers: Answer[] = [];
    const late = submitAll(numbers.slice(jobs / 2), (answer) => answers.push(answer));
    const now = await Promise.all([...running, ask(key, 0, {}), ask(key, 1, {})]);
    // While it lasts everybody has an answer.
    await expect.poll(() => answers.length, { timeout: 60_000 }).toBeGreaterThan(jobs / 2 - 1);
    const told = now.slice(2).map(({ code }) => code ?? 'none');
    if (fault.mode !== 'slow')
      for (const code of told) expect(refusals[name] ?? ['none']).toContain(code);
    await web.heal();
    const renewal = setInterval(() => void endLeases(accountId), 1_000);
    const ids = [...early, ...(await late)].toSorted();
    clearInterval(renewal);

    let charged = 0;
    const hashes = new Map<string, Set<string>>();
    for (const id of ids) {
      const status = async () => (await storedJob(accountId, id)).status;
      await expect.poll(status, { timeout: 120_000, interval: 200 }).toMatch(/succeeded|failed/);
      const answer = await fetch(`${web.api}/jobs/${id}`, { headers: bearer(key) });
      const job = jobSchema.parse(await answer.json());
      if (job.status === 'failed') {
        // A media-service that breaks off its answers costs a job both of its tries.
        expect([name, job.error?.code, job.units]).toEqual(['media', 'engine_crashed', 0]);
        continue;
      }
      charged += 1;
      expect(job.files).toHaveLength(1);
      const bytes = await bytesOf(job);
      const hash = createHash('sha256').update(bytes).digest('hex');
      hashes.set(job.tool, (hashes.get(job.tool) ?? new Set()).add(hash));
    }
    for (const seen of hashes.values()) expect(seen.size).toBe(1);

    // What a call has taken whose end could not be written goes back with time.
    await endHeldCalls(accountId);
    const answered = now.filter(({ status }) => status === 200).length;
    const used = async () => before - (await quotaLeft(accountId));
    await expect.poll(used).toBeLessThanOrEqual(charged + answered);
    expect(await used()).toBeGreaterThanOrEqual(charged);
    const events = async () =>
      (await deliveriesTo(bearer(key), endpoint.id, web.api)).map(
        ({ payload }) => (JSON.parse(payload) as { data: { id: string } }).data.id,
      );
    await expect.poll(async () => (await events()).toSorted(), { timeout: 60_000 }).toEqual(ids);
  },
  300_000,
);
