import { tools } from '@nebula/contract/tools';
import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import { sessionOf } from '../support/callers.ts';
import { dieAfter } from '../support/crash.ts';
import { accept, endOf, newJobAccount, storedJob } from '../support/jobs.ts';
import { quotaLeft } from '../support/quota.ts';
import { receiverPlace } from '../support/receiver.ts';
import { newEndpoint } from '../support/webhooks.ts';

const { findAccount } = await import('#server/modules/account/service.ts');
const { database } = await import('#server/database.ts');
const { listJobs, submitJob } = await import('#server/modules/job/service.ts');
const { removeStrays } = await import('#server/modules/job/strays.ts');
const { findRepeat, repeatKey } = await import('#server/modules/tool-run/service.ts');
const { redisReady } = await import('#server/platform/redis.ts');
const { listFolder } = await import('#server/platform/s3.ts');

const tool = tools['html-to-pdf'];
const html = '<p>Once';
const hour = 60 * 60 * 1000;
const patience = { timeout: 50_000, interval: 100 };

/** An account with an endpoint that nobody answers at, and a job of it that is over. */
async function withJob(cache: boolean) {
  await redisReady();
  const { id: accountId, key } = await newJobAccount();
  await newEndpoint(await sessionOf(accountId), { url: `${receiverPlace().origin}/nobody` });
  const { id } = await accept(key, tool.id, { html, cache });
  await endOf(key, id);
  const options = tool.input.parse({ html, cache }) as Record<string, unknown>;
  const account = await findAccount(accountId);
  if (!account) throw new Error('the account was not made');
  return { account, options, left: await quotaLeft(accountId) };
}

type Caller = Awaited<ReturnType<typeof withJob>>;

const ask = ({ account, options }: Caller, workId: string) =>
  submitJob(
    { account, requestId: `req_${workId}`, mode: 'live', workId },
    { tool, files: [], options, timeoutMs: 30_000 },
  );

/** Asks for jobs whose processes die after no write, after one, and so on; the last one lives. */
async function dieAfterEach(caller: Caller): Promise<string[]> {
  const ids: string[] = [];
  for (let wasKilled = true; wasKilled; ) {
    const workId = ulid();
    wasKilled = await dieAfter(ids.length, () => ask(caller, workId));
    ids.push(workId);
  }
  return ids;
}

async function filesOf({ account }: Caller, workId: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listFolder(`jobs/${account.id}/job_${workId}/`)) keys.push(key);
  return keys;
}

/** What the endpoint of the account is told of a job. */
async function toldOf({ account }: Caller, workId: string): Promise<string[]> {
  const { data } = await database()
    .webhookDelivery.query.byAccount({ accountId: account.id })
    .go({ pages: 'all', consistent: true });
  return data
    .filter(({ payload }) => JSON.parse(payload).data.id === `job_${workId}`)
    .map(({ type }) => type)
    .toSorted();
}

/** Nothing is left of a job that was not written, and the same request makes it. */
async function expectStray(caller: Caller, workId: string): Promise<void> {
  const { account, left } = caller;
  expect(await filesOf(caller, workId)).toHaveLength(1);
  await removeStrays(Date.now() + hour, `jobs/${account.id}/`);
  expect(await filesOf(caller, workId)).toEqual([]);
  expect(await toldOf(caller, workId)).toEqual([]);
  const { rows } = await listJobs(account.id, { limit: 100 });
  expect(rows.map(({ id }) => id)).not.toContain(`job_${workId}`);
  expect(await quotaLeft(account.id)).toBeGreaterThanOrEqual(left - rows.length + 1);
  expect((await ask(caller, workId)).id).toBe(`job_${workId}`);
}

/** Each is one job that has succeeded, and both its events are told, whoever did it. */
async function expectWhole(caller: Caller, ids: string[]): Promise<void> {
  for (const workId of ids) {
    const job = () => storedJob(caller.account.id, `job_${workId}`);
    const state = async () => [(await job()).status, (await job()).watch];
    await expect.poll(state, patience).toEqual(['succeeded', 'kept']);
    expect(await toldOf(caller, workId)).toEqual(['job.created', 'job.succeeded']);
  }
  const { rows } = await listJobs(caller.account.id, { limit: 100 });
  expect(rows).toHaveLength(ids.length + 1);
}

test('a repeat that is killed between its copies and the telling of its end is one job, free and told once', async () => {
  const caller = await withJob(true);
  const { account, left, options } = caller;
  const name = await repeatKey({ account, mode: 'live' }, tool, { files: [], options });
  // A result is kept just after its job has ended.
  await expect.poll(() => findRepeat(name ?? '', options), patience).toBeDefined();
  const ids = await dieAfterEach(caller);
  await expectStray(caller, ids[0] ?? '');
  await expectWhole(caller, ids);
  for (const workId of ids) {
    const { cache, units } = await storedJob(account.id, `job_${workId}`);
    expect([cache, units]).toEqual(['hit', 0]);
    expect(await filesOf(caller, workId)).toHaveLength(1);
  }
  expect(await quotaLeft(account.id)).toBe(left);
  // Before its row, behind it, and alive.
  expect(ids.length).toBeGreaterThan(2);
}, 90_000);

test('a job that is killed after any write of its submission is told of, run and charged once', async () => {
  const caller = await withJob(false);
  const ids = await dieAfterEach(caller);
  await expectStray(caller, ids[0] ?? '');
  await expectWhole(caller, ids);
  expect(await quotaLeft(caller.account.id)).toBe(caller.left - ids.length);
  expect(ids.length).toBeGreaterThan(2);
}, 90_000);
