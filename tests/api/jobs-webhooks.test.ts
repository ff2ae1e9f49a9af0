import { afterAll, beforeAll, expect, test } from 'vitest';
import { sessionOf } from '../support/callers.ts';
import { accept, callJobs, endOf, newJobAccount, storedJob } from '../support/jobs.ts';
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
  await expect.poll(watch, { timeout: 10_000, interval: 100 }).toBe('kept');
  const ids = received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(2);
  expect(ids).toContain((await storedJob(accountId, id)).eventId);
});
