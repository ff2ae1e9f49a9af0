import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  accept,
  accepted,
  bytesOf,
  callJobs,
  endOf,
  getJob,
  newJobAccount,
} from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';
import { jpeg } from '../support/samples.ts';
import { postForm, postJson } from '../support/stack.ts';

let account: Awaited<ReturnType<typeof newJobAccount>>;
let photo: Blob;
beforeAll(async () => {
  account = await newJobAccount();
  photo = new Blob([new Uint8Array(await jpeg(300, 200))]);
});

const later = { prefer: 'respond-async' };
const resize = (width: number, headers: Record<string, string> = {}) =>
  postForm(
    'image-resize',
    account.key,
    { file: photo, cache: 'false', width: `${width}` },
    headers,
  );
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('respond-async', () => {
  test('is answered at once with a job, that ends with the bytes of a direct call', async () => {
    const direct = Buffer.from(await (await resize(61)).arrayBuffer());
    const before = await quotaLeft(account.id);
    const response = await resize(61, later);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    const job = await accepted(response);
    expect(job).toMatchObject({ tool: 'image-resize', files: [], finished_at: null, error: null });
    const sent = { filename: 'file', size: photo.size, mime: 'image/jpeg', duration: null };
    const [unseen, seen] = [
      { pages: null, width: null, height: null },
      { pages: 1, width: 300, height: 200 },
    ];
    expect(job.input.files).toEqual([{ ...sent, ...unseen }]);
    const done = await endOf(account.key, job.id);
    expect(done).toMatchObject({ id: job.id, status: 'succeeded', units: 1 });
    expect(done.input.files).toEqual([{ ...sent, ...seen }]);
    expect(done.progress.percent).toBe(100);
    expect(done.options_effective).toMatchObject({ width: 61 });
    expect(sha(await bytesOf(done))).toBe(sha(direct));
    expect(done.files[0]?.sha256).toBe(sha(direct));
    expect(before - (await quotaLeft(account.id))).toBe(1);
  });

  test('runs what has no file too', async () => {
    const job = await accept(account.key, 'html-to-pdf', { html: '<h1>Later</h1>' });
    const done = await endOf(account.key, job.id);
    expect(done.files[0]).toMatchObject({ mime: 'application/pdf', pages: 1 });
    const times = [done.created_at, done.started_at, done.finished_at, done.expires_at];
    const sorted = times.map((time) => Date.parse(time ?? ''));
    expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
  });

  test('with the same idempotency key is one job, charged once', async () => {
    const before = await quotaLeft(account.id);
    const headers = { ...later, 'idempotency-key': `jobs-${Date.now()}` };
    const one = await accepted(await resize(62, headers));
    const again = await resize(62, headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await accepted(again)).id).toBe(one.id);
    await endOf(account.key, one.id);
    expect(before - (await quotaLeft(account.id))).toBe(1);
  });

  test('of an input that is wrong is refused before there is a job', async () => {
    const response = await postJson('image-resize', account.key, { width: -1 }, later);
    expectProblem(response, await response.text(), 'invalid_input');
  });
});

describe('wait', () => {
  test('gives the result itself when it is there in time', async () => {
    const direct = await resize(63);
    const waited = await resize(63, { prefer: 'wait=30' });
    expect(waited.status).toBe(200);
    expect(waited.headers.get('preference-applied')).toBe('wait=30');
    expect(waited.headers.get('content-type')).toBe(direct.headers.get('content-type'));
    const bytes = [direct, waited].map(async (each) => sha(Buffer.from(await each.arrayBuffer())));
    const [one, other] = await Promise.all(bytes);
    expect(other).toBe(one);
  });

  test('gives the job as it is when the time is over', async () => {
    const slow = { html: '<p>x', wait: { delay_ms: 5_000 } };
    const response = await postJson('html-to-pdf', account.key, slow, {
      prefer: 'respond-async, wait=1',
    });
    const job = await accepted(response);
    expect(['queued', 'processing']).toContain(job.status);
    expect((await endOf(account.key, job.id)).status).toBe('succeeded');
  });
});

describe('long work', () => {
  test('is answered with its job at once, unless the call says that it waits', async () => {
    const file = new Blob([readFileSync('samples/video-compress/nebula.mp4')]);
    const send = (headers?: Record<string, string>) =>
      postForm('video-compress', account.key, { file, resolution: '480p' }, headers);
    const job = await accepted(await send());
    expect(job).toMatchObject({ tool: 'video-compress', cache: 'miss' });
    expect(await endOf(account.key, job.id)).toMatchObject({ status: 'succeeded', units: 1 });
    const waited = await send({ prefer: 'wait=60' });
    expect(waited.status).toBe(200);
    expect(waited.headers.get('preference-applied')).toBe('wait=60');
    expect(waited.headers.get('content-type')).toBe('video/mp4');
    await waited.arrayBuffer();
  });
});

describe('a job that fails', () => {
  const broken = () => new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...Array(64).fill(1)])]);

  test('says why, and gives its call back once', async () => {
    const before = await quotaLeft(account.id);
    const response = await postForm(
      'image-resize',
      account.key,
      { file: broken(), width: '9' },
      later,
    );
    const job = await accepted(response);
    const done = await endOf(account.key, job.id);
    expect(done).toMatchObject({ status: 'failed', units: 0, files: [] });
    expect(done.error).toMatchObject({ code: 'corrupt_input', retryable: false });
    expect(await quotaLeft(account.id)).toBe(before);
    const cancel = await callJobs(account.key, `/${job.id}/cancel`, { method: 'POST' });
    expectProblem(cancel, await cancel.text(), 'conflict');
    expect(await quotaLeft(account.id)).toBe(before);
  });

  test('gives its error to a caller that has waited', async () => {
    const form = { file: broken(), width: '9' };
    const response = await postForm('image-resize', account.key, form, { prefer: 'wait=30' });
    expectProblem(response, await response.text(), 'corrupt_input');
  });
});

test('an account without calls left gets no job', async () => {
  const poor = await newJobAccount('pro');
  await leaveCalls(poor.id, 0);
  const response = await postJson('html-to-pdf', poor.key, { html: '<p>x' }, later);
  expectProblem(response, await response.text(), 'quota_exceeded');
});

describe('the list of jobs', () => {
  test('has the newest first, by page, state and tool', async () => {
    const own = await newJobAccount();
    const ids: string[] = [];
    for (const html of ['a', 'b', 'c'])
      ids.push((await accept(own.key, 'html-to-pdf', { html })).id);
    for (const id of ids) await endOf(own.key, id);
    const page = async (query: string) => {
      const response = await callJobs(own.key, `?${query}`);
      expect(response.status).toBe(200);
      return (await response.json()) as {
        data: { id: string }[];
        has_more: boolean;
        next_cursor: string | null;
      };
    };
    const first = await page('limit=2');
    expect(first.data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(first.has_more).toBe(true);
    const second = await page(`limit=2&cursor=${first.next_cursor}`);
    expect(second).toMatchObject({ data: [{ id: ids[0] }], has_more: false, next_cursor: null });
    expect((await page('status=succeeded&tool=html-to-pdf')).data).toHaveLength(3);
    expect((await page('status=failed')).data).toEqual([]);
    expect((await page('tool=image-resize')).data).toEqual([]);
    const stranger = await callJobs(account.key, `?cursor=${first.next_cursor}`);
    expectProblem(stranger, await stranger.text(), 'invalid_input');
  });

  test('shows nothing of anybody else', async () => {
    const { id } = await accept(account.key, 'html-to-pdf', { html: 'mine' });
    await endOf(account.key, id);
    const stranger = await newJobAccount();
    const foreign = await callJobs(stranger.key, `/${id}`);
    expectProblem(foreign, await foreign.text(), 'not_found');
    expect((await getJob(account.key, id)).status).toBe('succeeded');
    const list = await callJobs(stranger.key, '');
    expect(await list.json()).toMatchObject({ data: [] });
  });
});
