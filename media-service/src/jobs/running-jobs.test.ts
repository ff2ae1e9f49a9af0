import { expect, test } from 'vitest';
import { createRunningJobs } from './running-jobs.ts';

const never = new AbortController().signal;

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
}

test('the time limit of the work ends a job before its deadline does', async () => {
  const job = createRunningJobs().open(60_000, never);
  job.begin(20);
  expect(job.remainingMs()).toBeLessThanOrEqual(20);
  expect(await aborted(job.signal)).toMatchObject({ code: 'tool_timeout' });
  expect(job.remainingMs()).toBe(0);
});

test('the deadline holds although the work may take longer', async () => {
  const job = createRunningJobs().open(20, never);
  job.begin(60_000);
  expect(await aborted(job.signal)).toMatchObject({ code: 'tool_timeout' });
});

test('a job of a caller that is gone already is aborted at once', () => {
  const job = createRunningJobs().open(60_000, AbortSignal.abort());
  expect(job.signal.reason).toMatchObject({ code: 'client_closed' });
  job.end();
});

test('draining refuses new jobs, sends waiting ones away, and leaves running ones alone', async () => {
  const jobs = createRunningJobs();
  const waiting = jobs.open(60_000, never);
  const running = jobs.open(60_000, never);
  running.begin(60_000);
  jobs.drain();
  expect(waiting.signal.reason).toMatchObject({ code: 'unavailable' });
  expect(running.signal.aborted).toBe(false);
  expect(() => jobs.open(1000, never)).toThrow();
  const idle = jobs.whenIdle();
  waiting.end();
  running.end();
  await idle;
  expect(jobs.count()).toBe(0);
});
