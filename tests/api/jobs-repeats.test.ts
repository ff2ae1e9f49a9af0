import { createHash } from 'node:crypto';
import type { Job } from '@nebula/contract/job';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sessionOf } from '../support/callers.ts';
import { accepted, bytesOf, callJobs, endOf, newJobAccount, storedJob } from '../support/jobs.ts';
import { quotaLeft } from '../support/quota.ts';
import { answering, type Receiver, startReceiver } from '../support/receiver.ts';
import { jpeg } from '../support/samples.ts';
import { postForm } from '../support/stack.ts';
import { newEndpoint } from '../support/webhooks.ts';

let photo: Blob;
let receiver: Receiver;
beforeAll(async () => {
  photo = new Blob([new Uint8Array(await jpeg(300, 200))]);
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

type Fields = Record<string, string>;
const later = { prefer: 'respond-async' };
const resize = (key: string, fields: Fields = {}, headers: Fields = later) =>
  postForm('image-resize', key, { file: photo, width: '47', ...fields }, headers);
const begin = async (key: string, fields?: Fields) => accepted(await resize(key, fields));
const shaOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Deletes a job with its files. */
async function remove(key: string, id: string): Promise<void> {
  expect((await callJobs(key, `/${id}`, { method: 'DELETE' })).status).toBe(200);
}

/** An account with a job that has made a result, and one that has repeated it. */
async function repeated() {
  const account = await newJobAccount();
  const { received, url } = receiver.on(answering(200));
  await newEndpoint(await sessionOf(account.id), { url });
  const { id } = await begin(account.key);
  const made = await endOf(account.key, id);
  expect(made).toMatchObject({ status: 'succeeded', cache: 'miss', units: 1 });
  let hit: Job | undefined;
  // A result is kept just after its job has ended.
  const isHit = async () => {
    const job = await begin(account.key);
    if (job.cache === 'hit') hit = job;
    else await endOf(account.key, job.id);
    return job.cache;
  };
  await expect.poll(isHit, { timeout: 30_000 }).toBe('hit');
  return { ...account, made, hit: hit as Job, received };
}

test('a job of an equal call is over at once, free, and told of as every other', async () => {
  const { hit, id: accountId, key, made, received } = await repeated();
  expect(hit).toMatchObject({ status: 'succeeded', units: 0, error: null });
  expect(hit.id).not.toBe(made.id);
  expect(hit.files[0]?.id).not.toBe(made.files[0]?.id);
  expect(shaOf(await bytesOf(hit))).toBe(made.files[0]?.sha256);
  expect(await endOf(key, hit.id)).toMatchObject({ id: hit.id, status: 'succeeded', cache: 'hit' });
  const told = () =>
    received
      .map(({ body }) => JSON.parse(String(body)) as { type: string; data: Job })
      .filter(({ data }) => data.id === hit.id)
      .map(({ type }) => type)
      .sort();
  await expect.poll(told, { timeout: 30_000 }).toEqual(['job.created', 'job.succeeded']);
  const before = await quotaLeft(accountId);
  const waited = await resize(key, { tag: 'again' }, {});
  expect(waited.status).toBe(200);
  expect(waited.headers.get('x-cache')).toBe('hit');
  expect(waited.headers.get('x-nebula-units')).toBe('0');
  expect(shaOf(Buffer.from(await waited.arrayBuffer()))).toBe(made.files[0]?.sha256);
  expect(await quotaLeft(accountId)).toBe(before);
});

test('its files are its own: neither job takes those of the other along', async () => {
  const { hit, id: accountId, key, made } = await repeated();
  const other = await begin(key, { expires_in: '60' });
  expect(other).toMatchObject({ cache: 'hit' });
  const { finishedAt = 0, retainedUntil } = await storedJob(accountId, other.id);
  expect(retainedUntil).toBe(finishedAt + 60_000);
  await remove(key, other.id);
  expect(shaOf(await bytesOf(made))).toBe(made.files[0]?.sha256);
  const { files } = await endOf(key, made.id);
  await remove(key, made.id);
  expect((await fetch(files[0]?.url ?? '')).status).toBe(404);
  expect(shaOf(await bytesOf(hit))).toBe(made.files[0]?.sha256);
});

test('a kept result whose files were deleted is made anew', async () => {
  const { key } = await newJobAccount();
  const { id } = await begin(key);
  await endOf(key, id);
  await remove(key, id);
  const again = await begin(key);
  expect(again.cache).toBe('miss');
  expect(await endOf(key, again.id)).toMatchObject({ status: 'succeeded', units: 1 });
});

test('a direct call repeats what a job has made, and outlives it', async () => {
  const { hit, key, made } = await repeated();
  const direct = await resize(key, {}, { accept: 'application/json' });
  expect(direct.headers.get('x-cache')).toBe('hit');
  const job = (await direct.json()) as Job;
  expect(job).toMatchObject({ cache: 'hit', units: 0 });
  for (const { id } of [hit, made]) await remove(key, id);
  expect(shaOf(await bytesOf(job))).toBe(made.files[0]?.sha256);
});

test('with an idempotency key a repeat is one job, told once', async () => {
  const { key } = await repeated();
  const headers = { ...later, 'idempotency-key': 'repeat' };
  const one = await accepted(await resize(key, {}, headers));
  const again = await resize(key, {}, headers);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect((await accepted(again)).id).toBe(one.id);
});

test('with cache=false no kept result is looked for', async () => {
  const { key } = await newJobAccount();
  const response = await resize(key, { cache: 'false' });
  expect(response.headers.get('x-cache')).toBe('bypass');
  expect((await accepted(response)).cache).toBe('bypass');
});
