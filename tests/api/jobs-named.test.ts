import { jobSchema } from '@nebula/contract/job';
import { beforeAll, describe, expect, test } from 'vitest';
import { acceptBatch, batchEnd, newBatchAccount, storePhotos } from '../support/batches.ts';
import { accept, callJobs, endOf, getJob, newestJobs, newJobAccount } from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { jpeg } from '../support/samples.ts';
import { postForm, postJson } from '../support/stack.ts';

let account: Awaited<ReturnType<typeof newJobAccount>>;
beforeAll(async () => {
  account = await newJobAccount();
});

const json = { accept: 'application/json' };
const names = { tag: 'order 7', metadata: { order: '7', customer: 'Ada' } };

describe('what a call of a tool says of its job', () => {
  test('is in the answer, in the job and in the list', async () => {
    const body = { html: '<h1>Hi</h1>', ...names };
    const response = await postJson('html-to-pdf', account.key, body, json);
    expect(response.status).toBe(200);
    const job = jobSchema.strict().parse(await response.json());
    expect(job).toMatchObject({ status: 'succeeded', ...names });
    expect(await getJob(account.key, job.id)).toMatchObject({ id: job.id, ...names });
    const list = await (await callJobs(account.key, '?limit=1')).json();
    expect(list).toMatchObject({ data: [{ id: job.id, ...names }] });
  });

  test('is taken from the fields of a form, and the answer is the bytes as ever', async () => {
    const own = await newJobAccount();
    const file = new Blob([new Uint8Array(await jpeg(60, 40))]);
    const fields = { file, width: '20', tag: 'form', 'metadata[order]': '8', cache: 'false' };
    const named = await postForm('image-resize', own.key, fields);
    expect(named.status).toBe(200);
    expect(named.headers.get('content-type')).toBe('image/jpeg');
    const plain = await postForm('image-resize', own.key, { file, width: '20', cache: 'false' });
    const bytes = (response: Response) => response.arrayBuffer().then(Buffer.from);
    expect((await bytes(named)).equals(await bytes(plain))).toBe(true);
    const [job] = await newestJobs(own.id);
    expect(job).toMatchObject({ tag: 'form', metadata: '{"order":"8"}', status: 'succeeded' });
  });

  test('is told apart from the properties of a document', async () => {
    const metadata = { title: 'Invoice 7', keywords: ['a', 'b'], order: '7' };
    const response = await postJson('html-to-pdf', account.key, { html: '<p>x', metadata }, json);
    const job = jobSchema.parse(await response.json());
    expect(job.metadata).toEqual({ order: '7' });
    expect(job.options_effective.metadata).toEqual({ title: 'Invoice 7', keywords: ['a', 'b'] });
  });

  test('makes its files go sooner', async () => {
    const job = await accept(account.key, 'html-to-pdf', { html: '<p>x', expires_in: 120 });
    const { expires_at, finished_at } = await endOf(account.key, job.id);
    expect(Date.parse(expires_at ?? '') - Date.parse(finished_at ?? '')).toBe(120_000);
  });

  test('that is wrong is refused, and named', async () => {
    const pairs = Object.fromEntries(Array.from({ length: 21 }, (_none, at) => [`k${at}`, 'v']));
    for (const [wrong, param] of [
      [{ metadata: pairs }, 'metadata'],
      [{ metadata: { a: 1 } }, 'metadata.a'],
      [{ tag: '' }, 'tag'],
      [{ expires_in: 1 }, 'expires_in'],
    ] as const)
      for (const tool of ['html-to-pdf', 'word-to-pdf']) {
        const source = tool === 'html-to-pdf' ? { html: '<p>' } : { data: 'aGk=' };
        const response = await postJson(tool, account.key, { ...source, ...wrong });
        const problem = expectProblem(response, await response.text(), 'invalid_input');
        expect(problem.param).toBe(param);
      }
  });
});

test('the files of a batch go sooner too', async () => {
  const own = await newBatchAccount();
  const file_ids = await storePhotos(own.id, 1);
  const options = { width: 10 };
  const batch = await acceptBatch(own.key, {
    tool: 'image-resize',
    options,
    file_ids,
    expires_in: 90,
    ...names,
  });
  const { expires_at, finished_at, items } = await batchEnd(own.key, batch.id);
  expect(Date.parse(expires_at ?? '') - Date.parse(finished_at ?? '')).toBe(90_000);
  const [row] = await newestJobs(own.id);
  expect(row).toMatchObject({ id: items[0]?.job_id, tag: names.tag, keepSeconds: 90 });
});
