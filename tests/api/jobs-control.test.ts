import { createHash } from 'node:crypto';
import type { Job } from '@nebula/contract/job';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  accept,
  accepted,
  acceptSlow,
  bytesOf,
  callJobs,
  endOf,
  getJob,
  isProcessing,
  newJobAccount,
  storedJob,
} from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { workFolders } from '../support/process.ts';
import { quotaLeft } from '../support/quota.ts';
import { jpeg } from '../support/samples.ts';
import { postForm } from '../support/stack.ts';
import { acceptSteps, threeSteps } from '../support/steps.ts';
import { readZip } from '../support/zip.ts';

type Account = Awaited<ReturnType<typeof newJobAccount>>;
let account: Account;
let photo: Blob;
beforeAll(async () => {
  account = await newJobAccount();
  photo = new Blob([new Uint8Array(await jpeg(300, 200))]);
});

const post = (key: string, path: string) => callJobs(key, path, { method: 'POST' });
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const later = { prefer: 'respond-async' };

async function cancel({ key }: Account, id: string): Promise<void> {
  const response = await post(key, `/${id}/cancel`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ id, status: 'canceled', units: 0 });
}

describe('cancel', () => {
  test('stops the work of a running job, and gives its call back once', async () => {
    const before = await quotaLeft(account.id);
    const { id } = await acceptSlow(account.key, 10_000);
    await isProcessing(account.id, id);
    await expect.poll(() => workFolders().length, { timeout: 30_000 }).toBe(1);
    expect(await quotaLeft(account.id)).toBe(before - 1);
    await cancel(account, id);
    await expect.poll(() => workFolders(), { timeout: 30_000 }).toEqual([]);
    await cancel(account, id);
    expect(await quotaLeft(account.id)).toBe(before);
    expect((await getJob(account.key, id)).status).toBe('canceled');
  });

  test('takes a waiting job out of the line, and it is retried with the same input', async () => {
    const poor = await newJobAccount('free');
    const before = await quotaLeft(poor.id);
    const slow = await acceptSlow(poor.key, 10_000);
    await isProcessing(poor.id, slow.id);
    const form = { file: photo, width: '71', cache: 'false' };
    const waiting = await accepted(await postForm('image-resize', poor.key, form, later));
    await cancel(poor, waiting.id);
    const again = await accepted(await post(poor.key, `/${waiting.id}/retry`));
    expect(again.id).not.toBe(waiting.id);
    expect(again.status).toBe('queued');
    await cancel(poor, slow.id);
    const done = await endOf(poor.key, again.id);
    expect(done.status).toBe('succeeded');
    // The run has seen more of it than the size.
    const given = ({ input }: Job) => input.files.map(({ filename, size }) => ({ filename, size }));
    expect(given(done)).toEqual(given(waiting));
    const direct = await postForm('image-resize', account.key, form);
    expect(sha(await bytesOf(done))).toBe(sha(Buffer.from(await direct.arrayBuffer())));
    expect(before - (await quotaLeft(poor.id))).toBe(1);
    expect((await storedJob(poor.id, waiting.id)).status).toBe('canceled');
  });

  test('and retry of a job that has succeeded are refused', async () => {
    const { id } = await accept(account.key, 'html-to-pdf', { html: 'done' });
    await endOf(account.key, id);
    for (const verb of ['cancel', 'retry']) {
      const response = await post(account.key, `/${id}/${verb}`);
      expectProblem(response, await response.text(), 'conflict');
    }
  });
});

describe('retry', () => {
  const keyWith = async (accountId: string, scopes: string[]) => {
    const { createApiKey } = await import('#server/modules/api-key/service.ts');
    return (await createApiKey({ accountId, name: 'narrow', mode: 'live', scopes })).key;
  };

  test('needs the scope of each tool of the job', async () => {
    const own = await newJobAccount();
    const { id } = await acceptSlow(own.key, 10_000);
    const steps = await acceptSteps(own.key, threeSteps(1, 10_000));
    for (const job of [id, steps.id]) await post(own.key, `/${job}/cancel`);
    const narrow = await keyWith(own.id, ['jobs:write', 'tools:html-to-pdf']);
    for (const [job, key, scope] of [
      [id, await keyWith(own.id, ['jobs:write']), 'tools:html-to-pdf'],
      [steps.id, narrow, 'tools:pdf-to-images'],
    ] as const) {
      const response = await post(key, `/${job}/retry`);
      const problem = expectProblem(response, await response.text(), 'forbidden');
      expect(problem).toMatchObject({ scope });
    }
    expect((await post(narrow, `/${id}/retry`)).status).toBe(202);
  });

  test('keeps to the limits of the plan of now', async () => {
    const own = await newJobAccount();
    const { findAccount } = await import('#server/modules/account/service.ts');
    const { forgetAccount } = await import('#server/modules/account/find.ts');
    const { writeJob } = await import('#server/modules/job/submit.ts');
    const { database } = await import('#server/database.ts');
    const owner = await findAccount(own.id);
    if (!owner) throw new Error('the account was not made');
    const write = async (id: string, size: number, timeoutMs: number) => {
      const inputs = [{ key: 'nowhere', filename: 'a.mp4', size, type: 'mp4' as const }];
      const job = { id, optionsKey: 'nowhere', tool: 'video-compress', toolUnits: 1 };
      const by = { account: owner, requestId: 'req_1', mode: 'live' as const };
      await writeJob(by, { ...job, inputs, timeoutMs });
      // It is canceled here, or has failed for want of its input.
      await post(own.key, `/${id}/cancel`);
    };
    await write('job_01HZZZZZZZZZZZZZZZZZZZZZZ1', 150 * 1024 * 1024, 60_000);
    await write('job_01HZZZZZZZZZZZZZZZZZZZZZZ2', 1_000, 1_800_000);
    const before = await quotaLeft(own.id);
    await database().account.patch({ id: own.id }).set({ plan: 'free' }).go();
    await forgetAccount(own.id);
    const large = await post(own.key, '/job_01HZZZZZZZZZZZZZZZZZZZZZZ1/retry');
    expectProblem(large, await large.text(), 'file_too_large');
    const long = await post(own.key, '/job_01HZZZZZZZZZZZZZZZZZZZZZZ2/retry');
    const problem = expectProblem(long, await long.text(), 'invalid_input');
    expect(problem.param).toBe('timeout_seconds');
    await database().account.patch({ id: own.id }).set({ plan: 'enterprise' }).go();
    expect(await quotaLeft(own.id)).toBe(before);
  });
});

describe('the files of a job', () => {
  test('come as one ZIP, and are gone with the job', async () => {
    const form = { file: photo, variants: '[{"width":10},{"width":20}]' };
    const { id } = await accepted(await postForm('image-resize', account.key, form, later));
    const job = await endOf(account.key, id);
    const archive = await callJobs(account.key, `/${id}/archive`);
    expect(archive.headers.get('content-type')).toBe('application/zip');
    const entries = await readZip(Buffer.from(await archive.arrayBuffer()));
    expect(entries.map(({ bytes }) => sha(bytes))).toEqual(job.files.map(({ sha256 }) => sha256));
    expect(entries).toHaveLength(2);

    const gone = await callJobs(account.key, `/${id}`, { method: 'DELETE' });
    expect(await gone.json()).toEqual({ id, deleted: true });
    const missing = await callJobs(account.key, `/${id}`);
    expectProblem(missing, await missing.text(), 'not_found');
    for (const { url } of job.files) {
      const download = await fetch(url);
      expect(download.status).toBe(404);
      await download.arrayBuffer();
    }
  });

  test('are none before it has succeeded', async () => {
    const { id } = await acceptSlow(account.key, 10_000);
    const archive = await callJobs(account.key, `/${id}/archive`);
    expectProblem(archive, await archive.text(), 'conflict');
    const before = await quotaLeft(account.id);
    const response = await callJobs(account.key, `/${id}`, { method: 'DELETE' });
    expect(response.status).toBe(200);
    expect(await quotaLeft(account.id)).toBe(before + 1);
    await expect.poll(() => workFolders(), { timeout: 30_000 }).toEqual([]);
  });
});

describe('accounts', () => {
  const timesOf = async ({ id: accountId, key }: Account, ids: string[]) => {
    const rows = [];
    for (const id of ids) {
      await endOf(key, id);
      rows.push(await storedJob(accountId, id));
    }
    return rows.map(({ finishedAt = 0, startedAt = 0, status }) => {
      expect(status).toBe('succeeded');
      return { finishedAt, startedAt };
    });
  };

  test('have no more jobs at work than their plan allows, the oldest first', async () => {
    const poor = await newJobAccount('free');
    const ids: string[] = [];
    for (let count = 0; count < 4; count++) ids.push((await acceptSlow(poor.key, 300)).id);
    const times = await timesOf(poor, ids);
    for (const [at, { startedAt }] of times.entries()) {
      const { finishedAt } = times[at - 1] ?? { finishedAt: 0 };
      expect(startedAt).toBeGreaterThanOrEqual(finishedAt);
    }
  });

  test('take turns, however many jobs one of them has', async () => {
    const [busy, other] = [await newJobAccount('pro'), await newJobAccount('pro')];
    // All at once: on a busy machine one after another is as slow as the work itself.
    const many = await Promise.all(Array.from({ length: 16 }, () => acceptSlow(busy.key, 1_000)));
    const ids = many.map(({ id }) => id);
    const one = await acceptSlow(other.key, 10);
    const [{ startedAt = 0 } = {}] = await timesOf(other, [one.id]);
    const after = (await timesOf(busy, ids)).filter((each) => each.startedAt > startedAt);
    expect(after.length).toBeGreaterThanOrEqual(4);
  });
});
