import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  acceptBatch,
  batchEnd,
  getBatch,
  newBatchAccount,
  postBatch,
  slowPages,
  statesOf,
  storeBroken,
  storePhotos,
} from '../support/batches.ts';
import { bearer, call, sessionOf } from '../support/callers.ts';
import { storeDirectly } from '../support/files.ts';
import { callJobs, endOf, storedJob } from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { leaveCalls, quotaLeft } from '../support/quota.ts';
import { answering, type Receiver, startReceiver } from '../support/receiver.ts';
import { png } from '../support/samples.ts';
import { api } from '../support/stack.ts';
import { newEndpoint } from '../support/webhooks.ts';
import { readZip } from '../support/zip.ts';

const small = { tool: 'image-resize', options: { width: 10 } };

let receiver: Receiver;
let account: Awaited<ReturnType<typeof newBatchAccount>>;
let left: number;
beforeAll(async () => {
  receiver = await startReceiver();
  account = await newBatchAccount();
});
afterAll(() => receiver.close());
beforeEach(async () => {
  left = await quotaLeft(account.id);
});

const archiveOf = (key: string, id: string) =>
  fetch(`${api}/batches/${id}/archive`, { headers: bearer(key) });

/** What an endpoint of an account hears of batches. */
async function listening(accountId: string) {
  const { received, url } = receiver.on(answering(200));
  await newEndpoint(await sessionOf(accountId), { url, events: ['batch.finished'] });
  const events = () => received.map(({ body }) => JSON.parse(String(body)));
  const hear = () =>
    expect.poll(() => received.length, { timeout: 20_000, interval: 100 }).toBeGreaterThan(0);
  return { received, events, hear };
}

describe('a batch', () => {
  test('runs one tool on each file, and gives all outputs as one ZIP', async () => {
    const own = await newBatchAccount();
    const { events, hear } = await listening(own.id);
    const before = await quotaLeft(own.id);
    const ids = await storePhotos(own.id, 5);
    const accepted = await acceptBatch(own.key, { ...small, file_ids: ids, tag: 'many' });
    expect(accepted.items.map(({ input }) => input.file_id)).toEqual(ids);
    expect(accepted).toMatchObject({ total: 5, tag: 'many', tool: 'image-resize' });
    const batch = await batchEnd(own.key, accepted.id);
    expect(batch).toMatchObject({ status: 'finished', counts: { succeeded: 5 } });
    expect(batch.items.map(({ files }) => files[0]?.width)).toEqual([10, 10, 10, 10, 10]);
    const job = await endOf(own.key, batch.items[2]?.job_id ?? '');
    expect(job).toMatchObject({ batch_id: batch.id, tag: 'many', units: 1 });
    expect(batch.archive).toBe(`/api/v1/batches/${batch.id}/archive`);
    const zip = await archiveOf(own.key, batch.id);
    expect(zip.headers.get('content-type')).toBe('application/zip');
    const entries = await readZip(Buffer.from(await zip.arrayBuffer()));
    expect(new Set(entries.map(({ name }) => name)).size).toBe(5);
    expect(before - (await quotaLeft(own.id))).toBe(5);
    await hear();
    expect(events()).toMatchObject([
      { type: 'batch.finished', data: { id: batch.id, counts: { succeeded: 5, open: 0 } } },
    ]);
    expect((await call('GET', `/files/${ids[0]}`, bearer(own.key))).status).toBe(200);
  });

  test('of 20 with 12 calls left runs 12, and the account ends at none', async () => {
    const own = await newBatchAccount();
    const ids = await storePhotos(own.id, 1);
    await leaveCalls(own.id, 12);
    const file_ids = Array.from({ length: 20 }, () => ids[0]);
    const { id } = await acceptBatch(own.key, { ...small, file_ids });
    const batch = await batchEnd(own.key, id);
    expect(statesOf(batch)).toEqual({ succeeded: 12, failed: 8 });
    expect(batch.counts).toMatchObject({ succeeded: 12, failed: 8 });
    for (const { error, status } of batch.items)
      if (status === 'failed') expect(error?.code).toBe('quota_exceeded');
    expect(await quotaLeft(own.id)).toBe(0);
  });

  test('gives the calls of items back that fail, and its ZIP has the others', async () => {
    const own = await newBatchAccount();
    const { events, hear } = await listening(own.id);
    const before = await quotaLeft(own.id);
    const [one, two] = await storePhotos(own.id, 2);
    const file_ids = [one, await storeBroken(own.id), two, await storeBroken(own.id)];
    const { id } = await acceptBatch(own.key, { ...small, file_ids });
    const batch = await batchEnd(own.key, id);
    expect(batch.items.map(({ status }) => status)).toEqual([
      'succeeded',
      'failed',
      'succeeded',
      'failed',
    ]);
    expect(batch.items[1]?.error?.code).toBe('corrupt_input');
    expect(before - (await quotaLeft(own.id))).toBe(2);
    const zip = await archiveOf(own.key, id);
    expect(await readZip(Buffer.from(await zip.arrayBuffer()))).toHaveLength(2);
    await hear();
    expect(events()).toHaveLength(1);
  });

  test('of addresses fetches each when its turn comes', async () => {
    const bytes = await png(60, 60);
    const { url } = receiver.on((response) => response.writeHead(200).end(bytes));
    const { url: gone } = receiver.on(answering(404));
    const { id } = await acceptBatch(account.key, { ...small, urls: [url, gone] });
    const batch = await batchEnd(account.key, id);
    expect(batch.items.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
    expect(batch.items[1]?.error?.code).toBe('resource_failed');
    expect(left - (await quotaLeft(account.id))).toBe(1);
  });

  test('that is canceled in the middle gives back what has not ended, once', async () => {
    const own = await newBatchAccount('pro');
    const { events, hear } = await listening(own.id);
    const before = await quotaLeft(own.id);
    const page = await storeDirectly(own.id, Buffer.from('<!doctype html><p>x'));
    const quick = await acceptBatch(own.key, {
      ...slowPages(Array(12).fill(page.id), 2_000),
    });
    const someEnded = async () => (await getBatch(own.key, quick.id)).counts.succeeded;
    await expect.poll(someEnded, { timeout: 40_000, interval: 100 }).toBeGreaterThan(0);
    const cancel = () => call('POST', `/batches/${quick.id}/cancel`, bearer(own.key), {});
    const answers = await Promise.all([cancel(), cancel()]);
    for (const { status, text } of answers) expect([200, 409], text).toContain(status);
    const batch = await batchEnd(own.key, quick.id);
    expect(batch.status).toBe('canceled');
    expect(batch.counts.canceled).toBeGreaterThan(0);
    expect(before - (await quotaLeft(own.id))).toBe(batch.counts.succeeded);
    await hear();
    expect(events()).toHaveLength(1);
    const again = await call('POST', `/batches/${quick.id}/cancel`, bearer(own.key), {});
    expect(again.json).toMatchObject({ status: 'canceled' });
  });

  test('is listed for its account alone', async () => {
    const own = await newBatchAccount();
    const file_ids = await storePhotos(own.id, 1);
    const made: string[] = [];
    for (let count = 0; count < 3; count++)
      made.unshift((await acceptBatch(own.key, { ...small, file_ids })).id);
    const first = await call('GET', '/batches?limit=2', bearer(own.key));
    expect(first.json.data.map(({ id }: { id: string }) => id)).toEqual(made.slice(0, 2));
    const rest = `/batches?limit=2&cursor=${first.json.next_cursor}`;
    expect((await call('GET', rest, bearer(own.key))).json).toMatchObject({
      data: [{ id: made[2] }],
      has_more: false,
    });
    expect((await call('GET', '/batches', bearer(account.key))).json.data).not.toContainEqual(
      expect.objectContaining({ id: made[0] }),
    );
    for (const path of ['', '/archive']) {
      const foreign = await call('GET', `/batches/${made[0]}${path}`, bearer(account.key));
      expectProblem(foreign, foreign.text, 'not_found');
    }
    const cancel = await call('POST', `/batches/${made[0]}/cancel`, bearer(account.key), {});
    expectProblem(cancel, cancel.text, 'not_found');
    for (const id of made) await batchEnd(own.key, id);
  });

  test('counts a deleted job, and retried ones are none of it', async () => {
    const own = await newBatchAccount();
    const [photo] = await storePhotos(own.id, 1);
    const broken = await storeBroken(own.id);
    const { id } = await acceptBatch(own.key, { ...small, file_ids: [photo, broken] });
    const { items } = await batchEnd(own.key, id);
    const retry = await call('POST', `/jobs/${items[1]?.job_id}/retry`, bearer(own.key), {});
    expect(retry.status, retry.text).toBe(202);
    await endOf(own.key, retry.json.id);
    await callJobs(own.key, `/${items[0]?.job_id}`, { method: 'DELETE' });
    const after = await batchEnd(own.key, id);
    expect(after.counts).toEqual({ open: 0, succeeded: 1, failed: 1, canceled: 0 });
    expect(after.items.map(({ status }) => status)).toEqual(['deleted', 'failed']);
    const archive = await call('GET', `/batches/${id}/archive`, bearer(own.key));
    expectProblem(archive, archive.text, 'gone');
  });

  test('does not begin a job again that was deleted while others run', async () => {
    const own = await newBatchAccount('pro');
    const before = await quotaLeft(own.id);
    const page = await storeDirectly(own.id, Buffer.from('<!doctype html><p>x'));
    // More than the plan lets run at once: some wait while the first have ended.
    const { id } = await acceptBatch(own.key, slowPages(Array(7).fill(page.id), 3_000));
    const ended = async () =>
      (await getBatch(own.key, id)).items.find(({ status }) => status === 'succeeded')?.job_id;
    await expect.poll(ended, { timeout: 40_000, interval: 300 }).toBeDefined();
    const jobId = await ended();
    const gone = await callJobs(own.key, `/${jobId}`, { method: 'DELETE' });
    expect(gone.status, await gone.text()).toBe(200);
    await lookAfter(own.id, id);
    const open = await getBatch(own.key, id);
    expect(open.status).toBe('processing');
    expect(open.items.find((item) => item.job_id === jobId)?.status).toBe('deleted');
    const batch = await batchEnd(own.key, id);
    expect(batch.counts).toEqual({ open: 0, succeeded: 7, failed: 0, canceled: 0 });
    expect(statesOf(batch)).toEqual({ deleted: 1, succeeded: 6 });
    expect(before - (await quotaLeft(own.id))).toBe(7);
  });
});

/** Has somebody look after an open batch now. */
async function lookAfter(accountId: string, id: string): Promise<void> {
  const { database } = await import('#server/database.ts');
  const { sweepBatches } = await import('#server/modules/job/batch/start.ts');
  const dueAt = '0'.padStart(15, '0');
  await database().batch.patch({ accountId, id }).set({ batchWatch: 'open', dueAt }).go();
  const rows = () => database().batch.get({ accountId, id }).go({ consistent: true });
  await sweepBatches('open');
  await expect.poll(async () => (await rows()).data?.dueAt, { timeout: 40_000 }).not.toBe(dueAt);
}

describe('the count of a batch', () => {
  test('stays right when an end is told again and again, by several at once', async () => {
    const own = await newBatchAccount();
    const { hear, received } = await listening(own.id);
    const file_ids = await storePhotos(own.id, 6);
    const { id } = await acceptBatch(own.key, { ...small, file_ids });
    const done = await batchEnd(own.key, id);
    await hear();
    const { tellEnd } = await import('#server/modules/job/transitions.ts');
    const rows = await Promise.all(done.items.map(({ job_id }) => storedJob(own.id, job_id)));
    const untold = rows.map((row) => ({ ...row, watch: 'ended' as const }));
    await Promise.all([...untold, ...untold].map(tellEnd));
    const after = await batchEnd(own.key, id);
    expect(after.counts).toEqual(done.counts);
    expect(received).toHaveLength(1);
  });

  test('is made up for when a process died before it, and told once', async () => {
    const own = await newBatchAccount();
    const { hear, received } = await listening(own.id);
    const file_ids = await storePhotos(own.id, 2);
    const { id } = await acceptBatch(own.key, { ...small, file_ids });
    await batchEnd(own.key, id);
    await hear();
    const { database } = await import('#server/database.ts');
    const overdue = '0'.padStart(15, '0');
    const open = { status: 'processing', batchWatch: 'open', dueAt: overdue } as const;
    const { eventId } = await stored(own.id, id);
    await database().batch.patch({ accountId: own.id, id }).set(open).go();
    await batchEnd(own.key, id);
    expect((await stored(own.id, id)).eventId).not.toBe(eventId);
    const untold = { batchWatch: 'ended', dueAt: overdue } as const;
    await expect.poll(() => received.length, { timeout: 40_000, interval: 50 }).toBe(2);
    await database().batch.patch({ accountId: own.id, id }).set(untold).go();
    const watch = async () => (await stored(own.id, id)).batchWatch;
    await expect.poll(watch, { timeout: 40_000, interval: 50 }).toBe('over');
    expect(received).toHaveLength(2);
  });

  test('covers the jobs that a dead process had not begun', async () => {
    const own = await newBatchAccount();
    const before = await quotaLeft(own.id);
    const file_ids = await storePhotos(own.id, 3);
    const { id } = await acceptBatch(own.key, { ...small, file_ids });
    const { id: _id, ...row } = await batchEnd(own.key, id).then(() => stored(own.id, id));
    const { database } = await import('#server/database.ts');
    const { newId } = await import('#server/platform/ids.ts');
    // The same batch, as it is when its process dies right behind the first write.
    const items = JSON.parse(row.items).map((item: object) => ({ ...item, jobId: newId('job') }));
    const next = { id: newId('batch'), accountId: own.id, items: JSON.stringify(items) };
    const counts = { ended: 0, succeeded: 0, failed: 0, canceled: 0 };
    const { requestId, mode, plan, tool, options, timeoutMs, total, createdAt } = row;
    const same = { requestId, mode, plan, tool, options, timeoutMs, total, createdAt };
    const dueAt = '0'.padStart(15, '0');
    const open = { status: 'processing', batchWatch: 'open', dueAt } as const;
    await database()
      .batch.create({ ...same, ...next, ...counts, ...open })
      .go();
    const batch = await batchEnd(own.key, next.id);
    expect(batch.counts.succeeded).toBe(3);
    expect(before - (await quotaLeft(own.id))).toBe(6);
  });

  const stored = async (accountId: string, id: string) => {
    const { findBatch } = await import('#server/modules/job/batch/service.ts');
    return findBatch({ accountId, id });
  };
});

describe('refused before anything is charged:', () => {
  const refused: [string, (ids: string[]) => unknown, string?][] = [
    ['no input', () => small, 'file_ids'],
    ['files and addresses', (file_ids) => ({ ...small, file_ids, urls: ['https://a.example'] })],
    ['an unknown tool', (file_ids) => ({ tool: 'png-to-gold', file_ids }), 'tool'],
    ['a wrong option', (file_ids) => ({ ...small, options: { width: -1 }, file_ids })],
    ['a tool of several files', (file_ids) => ({ tool: 'image-match', file_ids }), 'tool'],
    ['too many', ([id]) => ({ ...small, file_ids: Array(101).fill(id) }), 'file_ids'],
  ];
  test.each(refused)('%s', async (_what, wishOf, param) => {
    const answer = await postBatch(account.key, wishOf(await storePhotos(account.id, 1)));
    const problem = expectProblem(answer, answer.text, 'invalid_input');
    if (param) expect(problem.param).toBe(param);
    expect(await quotaLeft(account.id)).toBe(left);
  });

  test('a file of somebody else', async () => {
    const [foreign] = await storePhotos((await newBatchAccount()).id, 1);
    const [own] = await storePhotos(account.id, 1);
    const answer = await postBatch(account.key, { ...small, file_ids: [own, foreign] });
    expect(expectProblem(answer, answer.text, 'not_found').param).toBe('file_ids.1');
    expect(await quotaLeft(account.id)).toBe(left);
  });

  test('a file of another type', async () => {
    const file_ids = await storePhotos(account.id, 1);
    const answer = await postBatch(account.key, { tool: 'pdf-to-images', file_ids });
    expect(expectProblem(answer, answer.text, 'unsupported_input').param).toBe('file_ids.0');
    expect(await quotaLeft(account.id)).toBe(left);
  });

  test('an address that leads inside', async () => {
    const urls = ['http://169.254.169.254/latest'];
    const answer = await postBatch(account.key, { ...small, urls });
    expect(expectProblem(answer, answer.text, 'url_forbidden').param).toBe('urls.0');
  });

  test('a key without the scope of the tool', async () => {
    const { createApiKey } = await import('#server/modules/api-key/service.ts');
    const scopes = ['jobs:write', 'files:read', 'tools:html-to-pdf'];
    const accountId = account.id;
    const { key } = await createApiKey({ accountId, name: 'narrow', mode: 'live', scopes });
    const answer = await postBatch(key, { ...small, file_ids: await storePhotos(account.id, 1) });
    expectProblem(answer, answer.text, 'forbidden');
  });
});
