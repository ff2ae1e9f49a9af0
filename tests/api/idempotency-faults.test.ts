import { jobSchema } from '@nebula/contract/job';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newBatchAccount, storePhotos } from '../support/batches.ts';
import { endLeases } from '../support/idempotency.ts';
import { endOf, isProcessing, newestJobs, storedJob } from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { quotaLeft } from '../support/quota.ts';
import { type Asked, broken, heal, lose, silent, spoil } from '../support/spoil.ts';

const { redisReady } = await import('#server/platform/redis.ts');
const { claimKey } = await import('#server/modules/idempotency/service.ts');
const { failJob } = await import('#server/modules/job/transitions.ts');
const { listBatches } = await import('#server/modules/job/service.ts');
// The public API in this process, so that a call can meet trouble at one moment alone.
const { serveWeb } = await import('#server/rest/web.ts');

beforeAll(() => redisReady());
afterEach(heal);

type Own = Awaited<ReturnType<typeof newBatchAccount>>;

const page = { html: '<p>Once', cache: false };

/** The same request each time. */
const asking =
  ({ key }: Own, path: string, body: object, prefer = 'wait=40') =>
  (signal?: AbortSignal) =>
    serveWeb(
      new Request(`http://localhost/api/v1${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': 'once',
          prefer,
        },
        body: JSON.stringify(body),
        signal,
      }),
    );

const isJobRead = ({ command, input }: Asked) =>
  command.startsWith('GetItem') && input.includes('job_');
const isJobWrite = ({ command }: Asked) => command.startsWith('TransactWrite');

async function expectUnavailable(response: Response): Promise<void> {
  expectProblem(response, await response.text(), 'unavailable');
}

/** One job was made and charged, and the request that came again has had its result. */
async function expectOnce({ id }: Own, before: number, response: Response): Promise<void> {
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/pdf');
  expect(await newestJobs(id)).toHaveLength(1);
  expect(before - (await quotaLeft(id))).toBe(1);
}

describe('a request that comes again with its Idempotency-Key goes on with its job', () => {
  test('when the database broke off while the first waited', async () => {
    const own = await newBatchAccount();
    const before = await quotaLeft(own.id);
    const ask = asking(own, '/tools/html-to-pdf', page);
    let isWritten = false;
    spoil('database', async (send, asked) => {
      if (isJobWrite(asked)) isWritten = true;
      else if (isWritten && isJobRead(asked)) throw silent();
      return send();
    });
    await expectUnavailable(await ask());
    heal();
    await expectOnce(own, before, await ask());
  });

  test('when the job was written and the database gave no answer', async () => {
    const own = await newBatchAccount();
    const before = await quotaLeft(own.id);
    const ask = asking(own, '/tools/html-to-pdf', page);
    spoil('database', (send, asked) => (isJobWrite(asked) ? lose(send, silent()) : send()));
    await expectUnavailable(await ask());
    heal();
    await expectOnce(own, before, await ask());
  });

  test('when its caller had hung up while the result was kept', async () => {
    const own = await newBatchAccount();
    const before = await quotaLeft(own.id);
    const ask = asking(own, '/tools/html-to-pdf', page);
    const caller = new AbortController();
    spoil('store', (send, { input }) => {
      if (input.includes('replays/')) caller.abort();
      return send();
    });
    await ask(caller.signal);
    expect(caller.signal.aborted).toBe(true);
    heal();
    await expectOnce(own, before, await ask());
  });

  test('but not when that has failed', async () => {
    const own = await newBatchAccount();
    const before = await quotaLeft(own.id);
    const ask = asking(own, '/tools/html-to-pdf', { ...page, wait: { delay_ms: 4_000 } });
    const first = ask();
    await expect.poll(() => newestJobs(own.id), { timeout: 30_000 }).toHaveLength(1);
    const [{ id = '' } = {}] = await newestJobs(own.id);
    await isProcessing(own.id, id);
    const error = { code: 'internal' as const, message: 'Not this one.', details: {} };
    expect(await failJob(await storedJob(own.id, id), error)).toBeDefined();
    const answer = await first;
    expectProblem(answer, await answer.text(), 'internal');
    expect((await ask()).status).toBe(200);
    expect(await newestJobs(own.id)).toHaveLength(2);
    expect(before - (await quotaLeft(own.id))).toBe(1);
  });
});

describe('a claim whose write was done and not answered', () => {
  /** The first such write is done, and asked for again. */
  function loseFirst(command: string) {
    let lost = 0;
    spoil('database', (send, asked) => {
      const isMet = asked.command.startsWith(command) && asked.input.includes('req_');
      if (!isMet || lost > 0) return send();
      lost += 1;
      return lose(send);
    });
    return () => lost;
  }
  const request = (accountId: string) => ({ accountId, route: 'tests', key: 'once', body: '{}' });

  test('is held by its request', async () => {
    const own = await newBatchAccount();
    const lost = loseFirst('Put');
    const claim = await claimKey(request(own.id));
    expect([lost(), claim.outcome]).toEqual([1, undefined]);
    await expect(claimKey(request(own.id))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is held by the request that has taken it over', async () => {
    const own = await newBatchAccount();
    const first = await claimKey(request(own.id));
    await endLeases(own.id);
    const lost = loseFirst('Update');
    const second = await claimKey(request(own.id));
    expect(lost()).toBe(1);
    expect(second).toMatchObject({ workId: 'workId' in first ? first.workId : '' });
  });
});

test('a batch whose write was done and not answered is accepted once', async () => {
  const own = await newBatchAccount();
  const file_ids = await storePhotos(own.id, 1);
  const body = { tool: 'image-resize', options: { width: 10 }, file_ids };
  let lost = 0;
  spoil('database', (send, { command, input }) => {
    if (!command.startsWith('Put') || !input.includes('"batch_') || lost > 0) return send();
    lost += 1;
    return lose(send);
  });
  const answer = await asking(own, '/batches', body)();
  const text = await answer.text();
  expect([answer.status, lost], text).toEqual([202, 1]);
  const { rows } = await listBatches(own.id, { limit: 10 });
  expect(rows.map(({ id }) => id)).toEqual([JSON.parse(text).id]);
});

test('a run that was charged reaches its caller, though its result cannot be kept', async () => {
  const own = await newBatchAccount();
  const before = await quotaLeft(own.id);
  const ask = asking(own, '/tools/html-to-pdf', page, '');
  spoil('store', (send, { command, input }) => {
    const isKept = command.startsWith('Put') && input.includes('replays/');
    return isKept ? Promise.reject(broken()) : send();
  });
  const answer = await ask();
  expect(answer.status, await answer.clone().text()).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/pdf');
  expect(before - (await quotaLeft(own.id))).toBe(1);
  heal();
  // Nothing was kept: an equal request is run.
  const again = await ask();
  expect([again.status, again.headers.has('idempotency-replayed')]).toEqual([200, false]);
});

test('a batch that was accepted and could not be shown is given to the next equal request', async () => {
  const own = await newBatchAccount();
  const before = await quotaLeft(own.id);
  const file_ids = await storePhotos(own.id, 2);
  const body = { tool: 'image-resize', options: { width: 10 }, file_ids };
  const ask = asking(own, '/batches', body, 'respond-async');
  spoil('database', (send, { command }) =>
    command.startsWith('BatchGetItem') ? Promise.reject(silent()) : send(),
  );
  await expectUnavailable(await ask());
  heal();
  const again = await ask();
  const text = await again.text();
  expect(again.status, text).toBe(202);
  const { rows } = await listBatches(own.id, { limit: 10 });
  expect(rows.map(({ id }) => id)).toEqual([JSON.parse(text).id]);
  expect(before - (await quotaLeft(own.id))).toBe(2);
});

test('a request that comes again without waiting is told of the job that was begun', async () => {
  const own = await newBatchAccount();
  const ask = asking(own, '/tools/html-to-pdf', page, 'respond-async');
  spoil('database', (send, asked) => (isJobWrite(asked) ? lose(send, silent()) : send()));
  await expectUnavailable(await ask());
  heal();
  const again = await ask();
  const job = jobSchema.parse(await again.json());
  expect(again.status).toBe(202);
  expect(await endOf(own.key, job.id)).toMatchObject({ status: 'succeeded' });
  expect((await newestJobs(own.id)).map(({ id }) => id)).toEqual([job.id]);
});
