import { type Job, jobSchema } from '@nebula/contract/job';
import { expect } from 'vitest';
import { api, newAccount, postJson } from './stack.ts';

const over = ['succeeded', 'failed', 'canceled', 'expired'];

/** An account whose key may do everything with jobs. */
export const newJobAccount = (plan: 'free' | 'pro' | 'enterprise' = 'enterprise') =>
  newAccount({ plan, scopes: ['tools:run', 'usage:read', 'jobs:read', 'jobs:write'] });

/** Calls an operation on jobs. */
export const callJobs = (
  key: string,
  path: string,
  { method = 'GET', headers = {} as Record<string, string> } = {},
): Promise<Response> =>
  fetch(`${api}/jobs${path}`, { method, headers: { authorization: `Bearer ${key}`, ...headers } });

/** Has a run accepted as a job; unless the body says otherwise it is none that was made before. */
export async function accept(key: string, tool: string, body: object): Promise<Job> {
  const anew = { cache: false, ...body };
  return accepted(await postJson(tool, key, anew, { prefer: 'respond-async' }));
}

/** A document that keeps a browser busy for so long, as a job. */
export const acceptSlow = (key: string, delayMs: number): Promise<Job> =>
  accept(key, 'html-to-pdf', { html: '<h1>Slow</h1>', wait: { delay_ms: delayMs } });

/** The job of a 202. */
export async function accepted(response: Response): Promise<Job> {
  const text = await response.text();
  expect(response.status, text).toBe(202);
  const job = jobSchema.strict().parse(JSON.parse(text));
  expect(response.headers.get('location')).toBe(`/api/v1/jobs/${job.id}`);
  return job;
}

/** The job as it is now, or after so many seconds. */
export async function getJob(key: string, id: string, wait = 0): Promise<Job> {
  const response = await callJobs(key, `/${id}?wait=${wait}`);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return jobSchema.strict().parse(JSON.parse(text));
}

/** The job at its end. */
export async function endOf(key: string, id: string): Promise<Job> {
  const job = await getJob(key, id, 50);
  expect(over, JSON.stringify(job)).toContain(job.status);
  return job;
}

/** The bytes of the first output. */
export async function bytesOf({ files }: Job): Promise<Buffer> {
  const response = await fetch(files[0]?.url ?? '');
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** A job as the database has it: nothing is counted for looking. */
export async function storedJob(accountId: string, id: string) {
  const { findJob } = await import('#server/modules/job/service.ts');
  return findJob({ accountId, id });
}

/** The newest jobs as the database has them. */
export async function newestJobs(accountId: string) {
  const { listJobs } = await import('#server/modules/job/service.ts');
  return (await listJobs(accountId, { limit: 5 })).rows;
}

/** Resolves when a job is worked on. */
export async function isProcessing(accountId: string, id: string): Promise<void> {
  const status = async () => (await storedJob(accountId, id)).status;
  await expect.poll(status, { timeout: 20_000, interval: 20 }).toBe('processing');
}
