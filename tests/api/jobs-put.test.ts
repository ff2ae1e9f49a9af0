import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accept,
  bytesOf,
  callJobs,
  endOf,
  getJob,
  newJobAccount,
  storedJob,
} from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { quotaLeft } from '../support/quota.ts';
import { answering, type Receiver, startReceiver } from '../support/receiver.ts';
import { html, jpeg } from '../support/samples.ts';
import { postForm, postJson } from '../support/stack.ts';
import { acceptSteps } from '../support/steps.ts';
import { readZip } from '../support/zip.ts';

let receiver: Receiver;
let account: Awaited<ReturnType<typeof newJobAccount>>;
beforeAll(async () => {
  receiver = await startReceiver();
  account = await newJobAccount();
});
afterAll(() => receiver.close());

const acceptJson = { accept: 'application/json' };
const shaOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('output.put_url', () => {
  test('takes the very bytes of the result, with their type and length', async () => {
    const { received, url } = receiver.on(answering(200));
    const body = { html: '<h1>Hi</h1>', output: { put_url: url, filename: 'hi' } };
    const response = await postJson('html-to-pdf', account.key, body, acceptJson);
    const job = await response.json();
    expect(response.status, JSON.stringify(job)).toBe(200);
    expect(job).toMatchObject({ status: 'succeeded', files: [{ filename: 'hi.pdf' }] });
    // Somebody waits for the bytes at the address: they are made each time.
    expect(job.cache).toBe('bypass');
    expect(received).toHaveLength(1);
    const [{ bytes, headers, method }] = received as [(typeof received)[0]];
    expect(method).toBe('PUT');
    expect(headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(job.files[0].size),
    });
    expect(shaOf(bytes)).toBe(job.files[0].sha256);
    expect(shaOf(await bytesOf(await getJob(account.key, job.id)))).toBe(shaOf(bytes));
  });

  test('takes several results of several steps as one ZIP', async () => {
    const { received, url } = receiver.on(answering(201));
    const steps = [
      { id: 'pdf', tool: 'html-to-pdf', input: { html: html(2) } },
      { id: 'images', tool: 'pdf-to-images', input: { step: 'pdf' }, options: { dpi: 40 } },
    ];
    const job = await acceptSteps(account.key, steps, { output: { put_url: url } });
    expect(await endOf(account.key, job.id)).toMatchObject({ status: 'succeeded' });
    expect(received.map(({ headers }) => headers['content-type'])).toEqual(['application/zip']);
    expect(await readZip(received[0]?.bytes ?? Buffer.alloc(0))).toHaveLength(2);
  });

  test('that refuses fails the job, which is charged, keeps its files and can be tried again', async () => {
    const own = await newJobAccount();
    const before = await quotaLeft(own.id);
    let status = 403;
    const { received, url } = receiver.on((response) => response.writeHead(status).end());
    const job = await accept(own.key, 'html-to-pdf', { html: '<p>x', output: { put_url: url } });
    const failed = await endOf(own.key, job.id);
    expect(failed).toMatchObject({ status: 'failed', units: 1 });
    expect(failed.error).toMatchObject({
      code: 'resource_failed',
      param: 'output.put_url',
      status_of_target: 403,
    });
    expect(received).toHaveLength(1);
    expect(shaOf(await bytesOf(failed))).toBe(shaOf(received[0]?.bytes ?? Buffer.alloc(0)));
    const archive = await callJobs(own.key, `/${job.id}/archive`);
    expect([archive.status, archive.headers.get('content-type')]).toEqual([200, 'application/zip']);
    await archive.arrayBuffer();
    expect(before - (await quotaLeft(own.id))).toBe(1);
    status = 200;
    const retried = await callJobs(own.key, `/${job.id}/retry`, { method: 'POST' });
    expect(retried.status).toBe(202);
    expect(await endOf(own.key, (await retried.json()).id)).toMatchObject({ status: 'succeeded' });
    expect(received).toHaveLength(2);
  });

  test('that gives no answer fails the job, which costs nothing but the steps that are done', async () => {
    const own = await newJobAccount();
    const before = await quotaLeft(own.id);
    const { url } = receiver.on((response) => response.destroy());
    const job = await accept(own.key, 'html-to-pdf', { html: '<p>x', output: { put_url: url } });
    const failed = await endOf(own.key, job.id);
    expect(failed).toMatchObject({ status: 'failed', units: 0, files: [] });
    expect(failed.error).toMatchObject({ code: 'resource_failed', param: 'output.put_url' });
    expect(failed.error).not.toHaveProperty('status_of_target');
    expect(await quotaLeft(own.id)).toBe(before);
    const steps = [{ id: 'pdf', tool: 'html-to-pdf', input: { html: html(1) } }];
    const { id } = await acceptSteps(own.key, steps, { output: { put_url: url } });
    const done = await endOf(own.key, id);
    expect(done).toMatchObject({ status: 'failed', units: 1 });
    expect((await bytesOf(done)).subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('that is down for a moment is asked again', async () => {
    const { received, url } = receiver.on((response) => {
      response.writeHead(received.length === 1 ? 503 : 200).end();
    });
    const body = { html: '<p>x', output: { put_url: url } };
    const job = await accept(account.key, 'html-to-pdf', body);
    expect(await endOf(account.key, job.id)).toMatchObject({ status: 'succeeded' });
    expect(received).toHaveLength(2);
  });

  test('that is not public is refused before there is a job', async () => {
    const body = { html: '<p>x', output: { put_url: 'http://127.0.0.1:4100/x' } };
    const response = await postJson('html-to-pdf', account.key, body);
    const problem = expectProblem(response, await response.text(), 'url_forbidden');
    expect(problem.param).toBe('output.put_url');
  });
});

describe('the input of a job', () => {
  const send = async (fields: Record<string, string>) => {
    const photo = await jpeg(60, 40);
    const file = new Blob([new Uint8Array(photo)]);
    const form = { file, width: '20', tag: 'input', ...fields };
    const response = await postForm('image-resize', account.key, form, acceptJson);
    return { photo, job: await response.json() };
  };

  test('is kept with keep_input, and can be read', async () => {
    const { job, photo } = await send({ keep_input: 'true' });
    const [input] = (await getJob(account.key, job.id)).input.files;
    const stored = await fetch(input?.url ?? '');
    expect(shaOf(Buffer.from(await stored.arrayBuffer()))).toBe(shaOf(photo));
  });

  test('is gone after a success without it', async () => {
    const { job } = await send({});
    expect(job.input.files[0]).not.toHaveProperty('url');
    const { areStored } = await import('#server/platform/s3.ts');
    const [{ key }] = JSON.parse((await storedJob(account.id, job.id)).inputs);
    await expect.poll(() => areStored([key]), { timeout: 20_000 }).toBe(false);
  });
});
