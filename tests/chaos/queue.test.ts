import { beforeAll, expect, test } from 'vitest';
import { waitUntilReady } from '../support/chaos.ts';
import { accept, newJobAccount, storedJob } from '../support/jobs.ts';
import { quotaLeft } from '../support/quota.ts';

beforeAll(() => waitUntilReady());

test('messages that come twice, late, in another order or never: each job is done and charged once', async () => {
  const { id: accountId, key } = await newJobAccount();
  const left = await quotaLeft(accountId);
  const { dropWaiting, enqueue } = await import('#server/platform/queue.ts');
  const { redisReady } = await import('#server/platform/redis.ts');
  await redisReady(20_000);
  const ids: string[] = [];
  for (let count = 0; count < 8; count++) {
    const body = { html: `<h1>${count}`, cache: false, wait: { delay_ms: 300 } };
    ids.push((await accept(key, 'html-to-pdf', body)).id);
  }
  const [lost = '', ...doubled] = ids.toReversed();
  await dropWaiting(accountId, lost);
  const ticket = { accountId, slots: 20, priority: 1 };
  // One that Redis is too busy for comes the next time.
  const again = () => enqueue(ticket, doubled).catch(() => undefined);
  const states = async () => {
    await again();
    const rows = await Promise.all(ids.map((id) => storedJob(accountId, id)));
    return new Set(rows.map(({ status }) => status));
  };
  await expect.poll(states, { timeout: 50_000, interval: 100 }).toEqual(new Set(['succeeded']));
  // These come when all is over: the account has one more job, and that is the one that is done.
  await again();
  const { id: next } = await accept(key, 'html-to-pdf', { html: 'next', cache: false });
  await expect
    .poll(async () => (await storedJob(accountId, next)).status, { timeout: 50_000 })
    .toBe('succeeded');
  for (const id of [...ids, next]) expect((await storedJob(accountId, id)).attempt).toBe(1);
  expect(await quotaLeft(accountId)).toBe(left - ids.length - 1);
}, 120_000);
