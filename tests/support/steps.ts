import { type Job, jobSchema } from '@nebula/contract/job';
import { expect } from 'vitest';
import { bearer, call } from './callers.ts';
import { html } from './samples.ts';

/** A document of so many pages, its pages as pictures, and these joined again. */
export const threeSteps = (pages = 2, delayMs = 0) => [
  {
    id: 'pdf',
    tool: 'html-to-pdf',
    input: { html: html(pages) },
    options: delayMs > 0 ? { wait: { delay_ms: delayMs } } : {},
  },
  { id: 'images', tool: 'pdf-to-images', input: { step: 'pdf' }, options: { dpi: 40 } },
  { id: 'joined', tool: 'img-to-pdf', input: { step: 'images' } },
];

export const postJob = (key: string, body: unknown) => call('POST', '/jobs', bearer(key), body);

/** Has a job of steps accepted. */
export async function acceptSteps(key: string, steps: unknown[], more = {}): Promise<Job> {
  const { headers, json, status, text } = await postJob(key, { steps, ...more });
  expect(status, text).toBe(202);
  const job = jobSchema.strict().parse(json);
  expect(headers.get('location')).toBe(`/api/v1/jobs/${job.id}`);
  return job;
}

export const statesOf = ({ steps = [] }: Job) => steps.map(({ status }) => status);
