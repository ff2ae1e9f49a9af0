import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptBatch, batchEnd, newBatchAccount, storePhotos } from '../support/batches.ts';
import { call, sessionOf } from '../support/callers.ts';
import { accept, endOf, newestJobs, newJobAccount } from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { answering, type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { postJson } from '../support/stack.ts';
import { acceptSteps, postJob } from '../support/steps.ts';
import { type Delivery, newEndpoint } from '../support/webhooks.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const typesIn = (received: Received[]) => received.map(({ body }) => JSON.parse(body).type).sort();
const heard = (received: Received[], types: string[]) =>
  expect.poll(() => typesIn(received), { timeout: 30_000, interval: 100 }).toEqual(types);

describe('the webhook_url of a job', () => {
  test('is told of that job alone, beside the endpoints of the account, in the same log', async () => {
    const { id, key } = await newJobAccount();
    const as = await sessionOf(id);
    const rotated = await call('POST', '/webhook-secret/rotate', as, {});
    expect(rotated.status, rotated.text).toBe(200);
    const own = receiver.on(answering(200));
    const account = receiver.on(answering(204));
    await newEndpoint(as, { url: account.url });
    const body = { html: '<h1>Hi</h1>', tag: 'mine', webhook_url: own.url };
    const named = await accept(key, 'html-to-pdf', body);
    const other = await accept(key, 'html-to-pdf', { html: '<h1>Other</h1>' });
    for (const job of [named, other]) await endOf(key, job.id);
    await heard(own.received, ['job.created', 'job.succeeded']);
    await heard(account.received, ['job.created', 'job.created', 'job.succeeded', 'job.succeeded']);
    for (const { body, headers } of own.received) {
      const { data } = new Webhook(rotated.json.secret).verify(
        body,
        headers as Record<string, string>,
      ) as { data: unknown };
      expect(data).toMatchObject({ id: named.id, tag: 'mine' });
    }
    const { json } = await call('GET', '/webhook-deliveries', as);
    const ours = json.data.filter((each: { url: string | null }) => each.url === own.url);
    expect(ours).toHaveLength(2);
    expect(ours[0]).toMatchObject({ endpoint_id: null, event_id: expect.any(String) });
    expect((await call('GET', '/webhook-endpoints', as)).json.data).toHaveLength(1);
  });

  test('is tried again as an endpoint is, and each delivery can be replayed', async () => {
    const { id, key } = await newJobAccount();
    const as = await sessionOf(id);
    let isDown = true;
    const { received, url } = receiver.on((response) =>
      response.writeHead(isDown ? 500 : 200).end(),
    );
    const job = await acceptSteps(
      key,
      [{ id: 'one', tool: 'html-to-pdf', input: { html: '<p>x' } }],
      { webhook_url: url },
    );
    await endOf(key, job.id);
    const deliveries = async () =>
      (await call('GET', '/webhook-deliveries', as)).json.data as (Delivery & { url: string })[];
    const tried = async () => (await deliveries()).map(({ attempts }) => attempts.length >= 1);
    await expect.poll(tried, { timeout: 30_000, interval: 200 }).toEqual([true, true]);
    isDown = false;
    for (const delivery of await deliveries()) {
      expect(delivery).toMatchObject({ url, attempts: [{ status: 500 }] });
      const replayed = await call('POST', `/webhook-deliveries/${delivery.id}/replay`, as, {});
      expect(replayed.status, replayed.text).toBe(202);
    }
    const states = async () => (await deliveries()).map(({ state }) => state);
    await expect
      .poll(states, { timeout: 30_000, interval: 200 })
      .toEqual(['succeeded', 'succeeded']);
    expect(received.length).toBeGreaterThanOrEqual(4);
  });

  test('of a batch is told of its jobs and of its end', async () => {
    const { id, key } = await newBatchAccount();
    const { received, url } = receiver.on(answering(200));
    const batch = await acceptBatch(key, {
      tool: 'image-resize',
      options: { width: 10 },
      file_ids: await storePhotos(id, 1),
      webhook_url: url,
    });
    await batchEnd(key, batch.id);
    await heard(received, ['batch.finished', 'job.created', 'job.succeeded']);
  });

  test('that is not public is refused before there is a job, wherever it stands', async () => {
    const { id, key } = await newBatchAccount();
    const webhook_url = 'http://169.254.169.254/latest';
    const tool = await postJson('html-to-pdf', key, { html: '<p>x', webhook_url });
    const step = { id: 'one', tool: 'html-to-pdf', input: { html: '<p>x' } };
    const job = await postJob(key, { steps: [step], webhook_url });
    expect(expectProblem(tool, await tool.text(), 'url_forbidden').param).toBe('webhook_url');
    expect(expectProblem(job, job.text, 'url_forbidden').param).toBe('webhook_url');
    expect(await newestJobs(id)).toEqual([]);
  });
});
