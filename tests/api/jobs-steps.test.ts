import type { Job } from '@nebula/contract/job';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { docx, p } from '../../media-service/src/tools/word-to-pdf/testing/docx.ts';
import { bearer, call } from '../support/callers.ts';
import { store, storePhoto } from '../support/files.ts';
import { bytesOf, callJobs, endOf, getJob, newJobAccount, storedJob } from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';
import { html, pdfFacts } from '../support/samples.ts';
import { newAccount } from '../support/stack.ts';
import { acceptSteps, postJob, statesOf, threeSteps } from '../support/steps.ts';
import { readZip } from '../support/zip.ts';

const scopes = ['tools:run', 'jobs:read', 'jobs:write', 'files:read', 'files:write', 'usage:read'];
const newStepAccount = () => newAccount({ plan: 'enterprise', scopes });

let account: Awaited<ReturnType<typeof newAccount>>;
let left: number;
beforeAll(async () => {
  account = await newStepAccount();
});
beforeEach(async () => {
  left = await quotaLeft(account.id);
});

/** A first page at once, and then a step that keeps a browser busy. */
const slowSecond = (delayMs: number) => [
  { id: 'first', tool: 'html-to-pdf', input: { html: html() } },
  {
    id: 'slow',
    tool: 'html-to-pdf',
    input: { html: html() },
    options: { wait: { delay_ms: delayMs } },
  },
  { id: 'images', tool: 'pdf-to-images', input: { step: 'slow' }, options: { dpi: 40 } },
];

async function untilFirstIsDone(id: string): Promise<void> {
  const done = async () => statesOf(await getJob(account.key, id));
  const expected = ['succeeded', 'processing', 'waiting'];
  await expect.poll(done, { timeout: 20_000, interval: 50 }).toEqual(expected);
}

describe('a job of several steps', () => {
  test('makes of a Word document a PDF, of that its pages, and gives them as one ZIP', async () => {
    const bytes = await docx({ body: p('One') + p('Two') });
    const { id: file_id } = await store(account.key, bytes, { name: 'letter.docx' });
    const steps = [
      { id: 'pdf', tool: 'word-to-pdf', input: { file_id } },
      { id: 'images', tool: 'pdf-to-images', input: { step: 'pdf' }, options: { format: 'jpg' } },
      {
        id: 'small',
        tool: 'image-resize',
        input: { step: 'images' },
        options: { width: 50, format: 'webp' },
      },
    ];
    const accepted = await acceptSteps(account.key, steps, { tag: 'x', metadata: { a: 'b' } });
    const job = await endOf(account.key, accepted.id);
    expect(job.error).toBeNull();
    expect(job).toMatchObject({ status: 'succeeded', tool: 'image-resize', units: 3 });
    expect(job.cache).toBe('bypass');
    expect(job.input.files).toMatchObject([{ pages: 1, width: 595, height: 842 }]);
    expect(job).toMatchObject({ tag: 'x', metadata: { a: 'b' }, progress: { percent: 100 } });
    expect(statesOf(job)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(job.steps?.map(({ files, units }) => [files[0]?.mime, units])).toEqual([
      ['application/pdf', 1],
      ['image/jpeg', 1],
      ['image/webp', 1],
    ]);
    expect(job.files).toMatchObject([{ mime: 'image/webp', width: 50 }]);
    const archive = await callJobs(account.key, `/${job.id}/archive`);
    const entries = await readZip(Buffer.from(await archive.arrayBuffer()));
    expect(entries).toHaveLength(1);
    expect(entries[0]?.bytes.equals(await bytesOf(job))).toBe(true);
    expect(left - (await quotaLeft(account.id))).toBe(3);
  });

  test('hands all files of a step to the next, and keeps only the last ones', async () => {
    const job = await endOf(account.key, (await acceptSteps(account.key, threeSteps(3))).id);
    expect(job.steps?.[1]?.files).toHaveLength(3);
    expect(pdfFacts(await bytesOf(job)).pages).toBe(3);
    expect(job.files).toHaveLength(1);
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const { s3 } = await import('#server/platform/s3.ts');
    const { env } = await import('#server/env.ts');
    const Prefix = `jobs/${account.id}/${job.id}/`;
    const keys = async () => {
      const list = new ListObjectsV2Command({ Bucket: env().S3_BUCKET, Prefix });
      return ((await s3().send(list)).Contents ?? []).length;
    };
    await expect.poll(keys, { timeout: 30_000, interval: 50 }).toBe(1);
  });

  test('counts each step as a call of its tool', async () => {
    const own = await newStepAccount();
    await endOf(own.key, (await acceptSteps(own.key, threeSteps(1))).id);
    const calls = async () => {
      const { readUsage } = await import('#server/modules/usage/service.ts');
      const { data } = await readUsage(own.id, { by: 'month', group_by: 'tool' });
      return data.map(({ succeeded, tool }) => `${tool} ${succeeded}`).sort();
    };
    await expect
      .poll(calls, { timeout: 30_000, interval: 100 })
      .toEqual(['html-to-pdf 1', 'img-to-pdf 1', 'pdf-to-images 1']);
  });

  test('that fails names the step, is charged for those before it, and can be retried', async () => {
    const steps = threeSteps(2);
    const broken = [
      steps[0],
      { ...steps[1], options: { pages: '7' } },
      { id: 'joined', tool: 'img-to-pdf', input: { step: 'images' } },
    ];
    const job = await endOf(account.key, (await acceptSteps(account.key, broken)).id);
    expect(job).toMatchObject({ status: 'failed', units: 1, files: [] });
    expect(job.error).toMatchObject({ code: 'page_out_of_range', step: 'images' });
    expect(job.error?.message).toMatch(/^Step images: /);
    expect(statesOf(job)).toEqual(['succeeded', 'failed', 'skipped']);
    expect(left - (await quotaLeft(account.id))).toBe(1);
    const again = await call('POST', `/jobs/${job.id}/retry`, bearer(account.key), {});
    expect(again.status, again.text).toBe(202);
    expect(statesOf(again.json)).toEqual(['waiting', 'waiting', 'waiting']);
    expect((await endOf(account.key, again.json.id)).error).toMatchObject({ step: 'images' });
    expect(left - (await quotaLeft(account.id))).toBe(2);
  });

  test('whose step makes more files than the next takes says so', async () => {
    const [pdf, images] = threeSteps(2);
    const small = {
      id: 'small',
      tool: 'image-resize',
      input: { step: 'images' },
      options: { width: 9 },
    };
    const job = await endOf(account.key, (await acceptSteps(account.key, [pdf, images, small])).id);
    expect(job.error).toMatchObject({ code: 'unsupported_input', step: 'small', found: 2 });
    expect(left - (await quotaLeft(account.id))).toBe(2);
  });

  test('that is canceled in the middle is charged for what was done, once', async () => {
    const { id } = await acceptSteps(account.key, slowSecond(10_000));
    await untilFirstIsDone(id);
    expect(left - (await quotaLeft(account.id))).toBe(3);
    const cancel = () => call('POST', `/jobs/${id}/cancel`, bearer(account.key), {});
    const answers = await Promise.all([cancel(), cancel(), cancel()]);
    for (const { json, status, text } of answers) {
      expect(status, text).toBe(200);
      expect(json).toMatchObject({ status: 'canceled', units: 1 });
    }
    expect(statesOf(await getJob(account.key, id))).toEqual(['succeeded', 'skipped', 'skipped']);
    expect(left - (await quotaLeft(account.id))).toBe(1);
  });

  test('goes on behind the steps that are done when its lease was lost', async () => {
    const { id } = await acceptSteps(account.key, slowSecond(2_500));
    await untilFirstIsDone(id);
    const { database } = await import('#server/database.ts');
    const { stepRuns, fence } = await storedJob(account.id, id);
    const lost = { status: 'queued' as const, leaseUntil: 0, dueAt: '0'.padStart(15, '0') };
    await database().job.patch({ accountId: account.id, id }).set(lost).add({ fence: 1 }).go();
    const job = await endOf(account.key, id);
    expect(job).toMatchObject({ status: 'succeeded', units: 3 });
    const { unpackRuns } = await import('#server/modules/job/packed-run.ts');
    const last = await storedJob(account.id, id);
    expect(last.fence).toBeGreaterThan(fence + 1);
    const first = (packed = '') => unpackRuns(packed).first?.files[0]?.key;
    expect(first(last.stepRuns)).toBe(first(stepRuns));
    expect(left - (await quotaLeft(account.id))).toBe(3);
  });
});

describe('refused before anything is charged:', () => {
  const [print, images] = threeSteps();
  test.each([
    ['an unknown tool', [{ ...print, tool: 'png-to-gold' }], 'steps.0.tool'],
    ['a forward reference', [images, print], 'steps.0.input'],
    [
      'a cycle',
      [
        { ...images, input: { step: 'b' } },
        { id: 'b', tool: 'img-to-pdf', input: { step: 'images' } },
      ],
      'steps.0.input',
    ],
    [
      'a type that the next tool does not take',
      [print, { id: 'small', tool: 'image-resize', input: { step: 'pdf' }, options: { width: 9 } }],
      'steps.1.input',
    ],
    [
      'more than ten steps',
      Array.from({ length: 11 }, (_none, at) => ({ ...print, id: `s${at}` })),
      'steps',
    ],
    ['no step', [], 'steps'],
    ['an option that is wrong', [{ ...print, options: { scale: 9 } }], 'steps.0.options.scale'],
    ['a path in the place of a file', [{ ...images, input: { file: { path: '/etc/passwd' } } }]],
  ] as [string, unknown[], string?][])('%s', async (_what, steps, param) => {
    const answer = await postJob(account.key, { steps });
    const problem = expectProblem(answer, answer.text, 'invalid_input');
    if (param) expect(problem.param).toBe(param);
    expect(await quotaLeft(account.id)).toBe(left);
  });

  test('a tool that the key may not run', async () => {
    const { createApiKey } = await import('#server/modules/api-key/service.ts');
    const narrow = ['jobs:write', 'tools:html-to-pdf'];
    const accountId = account.id;
    const { key } = await createApiKey({ accountId, name: 'narrow', mode: 'live', scopes: narrow });
    const answer = await postJob(key, { steps: threeSteps() });
    const problem = expectProblem(answer, answer.text, 'forbidden');
    expect(problem).toMatchObject({ param: 'steps.1.tool', scope: 'tools:pdf-to-images' });
    expect(await quotaLeft(account.id)).toBe(left);
  });

  test('a file of somebody else', async () => {
    const { id: file_id } = await storePhoto((await newStepAccount()).id);
    const steps = [
      { id: 'small', tool: 'image-resize', input: { file_id }, options: { width: 9 } },
    ];
    const answer = await postJob(account.key, { steps });
    expectProblem(answer, answer.text, 'not_found');
    expect(await quotaLeft(account.id)).toBe(left);
  });

  test('more steps than the account has calls, and not one of them is used', async () => {
    const poor = await newStepAccount();
    await leaveCalls(poor.id, 2);
    const answer = await postJob(poor.key, { steps: threeSteps() });
    expectProblem(answer, answer.text, 'quota_exceeded');
    expect(await quotaLeft(poor.id)).toBe(2);
    const two = await acceptSteps(poor.key, threeSteps().slice(0, 2));
    expect((await endOf(poor.key, two.id)).status).toBe('succeeded');
    expect(await quotaLeft(poor.id)).toBe(0);
  });
});

describe('expires_in', () => {
  const keptSeconds = ({ expires_at, finished_at }: Job) =>
    (Date.parse(expires_at ?? '') - Date.parse(finished_at ?? '')) / 1000;
  const oneStep = threeSteps(1).slice(0, 1);

  test('has the files of a job deleted sooner than the plan, and never later', async () => {
    const free = await newJobAccount('free');
    for (const [asked, kept] of [
      [90, 90],
      [86_400, 3_600],
    ]) {
      const { id } = await acceptSteps(free.key, oneStep, { expires_in: asked });
      expect(keptSeconds(await endOf(free.key, id))).toBe(kept);
    }
  });
});
