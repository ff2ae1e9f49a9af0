import { afterAll, beforeAll, expect, test } from 'vitest';
import { sessionOf } from '../support/callers.ts';
import { accept, callJobs, endOf, getJob, newJobAccount, storedJob } from '../support/jobs.ts';
import { answering, type Receiver, startReceiver } from '../support/receiver.ts';
import { newEndpoint } from '../support/webhooks.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

async function listening() {
  const account = await newJobAccount();
  const { received, url } = receiver.on(answering(200));
  await newEndpoint(await sessionOf(account.id), { url });
  const types = () => received.map(({ body }) => JSON.parse(String(body)).type as string).sort();
  const heard = (expected: string[]) =>
    expect.poll(types, { timeout: 20_000, interval: 100 }).toEqual(expected);
  return { ...account, received, heard };
}

test('a job tells the endpoints of its account when it begins and how it ends', async () => {
  const { heard, key, received } = await listening();
  const { id } = await accept(key, 'html-to-pdf', { html: '<h1>Hi</h1>' });
  await endOf(key, id);
  await heard(['job.created', 'job.succeeded']);
  const events = received.map(({ body }) => JSON.parse(String(body)));
  const done = events.find(({ type }) => type === 'job.succeeded');
  expect(done.data).toMatchObject({
    id,
    status: 'succeeded',
    files: [{ mime: 'application/pdf' }],
  });
});

test('a job that was canceled says so', async () => {
  const { heard, key } = await listening();
  const body = { html: '<h1>Slow</h1>', wait: { delay_ms: 10_000 } };
  const { id } = await accept(key, 'html-to-pdf', body);
  expect((await callJobs(key, `/${id}/cancel`, { method: 'POST' })).status).toBe(200);
  await heard(['job.canceled', 'job.created']);
});

test('an end that nobody could tell of is told by the sweeper, as the same event', async () => {
  const { heard, id: accountId, key, received } = await listening();
  const { id } = await accept(key, 'html-to-pdf', { html: '<h1>Hi</h1>' });
  await endOf(key, id);
  await heard(['job.created', 'job.succeeded']);
  const { database } = await import('#server/database.ts');
  const untold = { watch: 'ended', dueAt: '0'.padStart(15, '0') } as const;
  await database().job.patch({ accountId, id }).set(untold).go();
  const watch = async () => (await storedJob(accountId, id)).watch;
  await expect.poll(watch, { timeout: 30_000, interval: 100 }).toBe('kept');
  const ids = received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(2);
  expect(ids).toContain((await storedJob(accountId, id)).eventId);
});

/** Has the sweeper tell of a job's end again, as it would for one that nobody told of. */
async function untell(accountId: string, id: string, run: string, age: number): Promise<void> {
  const { database } = await import('#server/database.ts');
  const { newId } = await import('#server/platform/ids.ts');
  const dueAt = String(age).padStart(15, '0');
  await database()
    .job.patch({ accountId, id })
    .set({ run, watch: 'ended', dueAt, eventId: newId('msg') })
    .go();
}

test('an end that cannot be told holds up no other, and one with a thousand files is told short', async () => {
  const { id: accountId, key, received } = await listening();
  const broken = await accept(key, 'html-to-pdf', { html: '<h1>Broken</h1>' });
  const large = await accept(key, 'html-to-pdf', { html: '<h1>Large</h1>' });
  for (const { id } of [broken, large]) await endOf(key, id);
  const watchOf = async (id: string) => (await storedJob(accountId, id)).watch;
  for (const { id } of [broken, large]) await expect.poll(() => watchOf(id)).toBe('kept');
  const { packRun, unpackRun } = await import('#server/modules/job/packed-run.ts');
  const run = unpackRun((await storedJob(accountId, large.id)).run ?? '');
  const files = Array.from({ length: 1000 }, () => run.files).flat();
  await untell(accountId, broken.id, 'not packed', 0);
  await untell(accountId, large.id, packRun({ ...run, files }), 1);
  await expect.poll(() => watchOf(large.id), { timeout: 30_000 }).toBe('kept');
  expect(await watchOf(broken.id)).toBe('ended');
  const { eventId } = await storedJob(accountId, large.id);
  const told = () => received.find(({ headers }) => headers['webhook-id'] === eventId);
  await expect.poll(told, { timeout: 30_000 }).toBeDefined();
  const { data } = JSON.parse(told()?.body ?? '');
  expect(data).toMatchObject({ id: large.id, files: [], omitted: ['files'] });
  expect((await getJob(key, large.id)).files).toHaveLength(1000);
  const { database } = await import('#server/database.ts');
  await database().job.delete({ accountId, id: broken.id }).go();
});
