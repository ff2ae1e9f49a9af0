import { beforeAll, expect, test } from 'vitest';
import { bearer } from '../support/callers.ts';
import { mailsTo, mailTo } from '../support/mails.ts';
import { leaveCalls } from '../support/quota.ts';
import { png } from '../support/samples.ts';
import { newAccount, postForm, postJson } from '../support/stack.ts';
import { deliveriesTo, newEndpoint } from '../support/webhooks.ts';

/** Calls of the Free plan in one cycle. */
const limit = 250;

let photo: Blob;
beforeAll(async () => {
  photo = new Blob([new Uint8Array(await png(8, 8))]);
});

/** An account of the Free plan that is told of its usage. */
async function newListener() {
  const scopes = ['tools:run', 'usage:read', 'webhooks:write', 'jobs:read'];
  const { id, key } = await newAccount({ scopes });
  const { findAccount } = await import('#server/modules/account/service.ts');
  const account = await findAccount(id);
  if (!account) throw new Error('The account is gone.');
  const endpoint = await newEndpoint(bearer(key), {
    url: 'https://nobody.invalid/hook',
    events: ['usage.threshold_reached'],
  });
  const heard = async () => {
    const deliveries = await deliveriesTo(bearer(key), endpoint.id);
    return deliveries.map(({ event_id, payload }) => {
      const { data, type } = JSON.parse(payload) as { type: string; data: Facts };
      return { event_id, type, ...data };
    });
  };
  const levels = async () =>
    (await heard()).map(({ threshold_percent }) => threshold_percent).sort((a, b) => a - b);
  return { account, id, key, heard, levels };
}

type Facts = { threshold_percent: number; used: number; limit: number; resets_at: string };

const usage = () => import('#server/modules/usage/service.ts');

/** Alerts of an account that are not told to the end yet. */
async function openAlerts(accountId: string): Promise<number> {
  const { database } = await import('#server/database.ts');
  const { data } = await database().usageAlert.query.byCycle({ accountId }).go();
  return data.filter(({ state }) => state === 'open').length;
}

const patience = { timeout: 40_000, interval: 100 };

test('racing calls of two processes across each threshold tell it exactly once', async () => {
  const { account, heard, id, key, levels } = await newListener();
  const { flushUsage, reserveQuota } = await usage();
  await leaveCalls(id, 126);
  expect(await levels()).toEqual([]);

  const race = (calls: number) =>
    Promise.all([
      ...Array.from({ length: calls }, () => reserveQuota(account, 1)),
      ...Array.from({ length: 5 }, async (_none, at) => {
        const file = { file: photo, width: String(at + 1) };
        const response = await postForm('image-resize', key, file);
        await response.arrayBuffer();
        expect(response.status).toBe(200);
      }),
    ]);
  await race(40);
  await flushUsage();
  await expect.poll(levels, patience).toEqual([50]);

  await race(60);
  await flushUsage();
  await expect.poll(levels, patience).toEqual([50, 80]);

  await leaveCalls(id, 5);
  await Promise.all(Array.from({ length: 5 }, () => reserveQuota(account, 1)));
  await flushUsage();
  await expect.poll(levels, patience).toEqual([50, 80, 100]);
  await expect.poll(() => openAlerts(id), patience).toBe(0);

  const events = await heard();
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(3);
  for (const { threshold_percent, used, ...rest } of events) {
    expect(rest).toMatchObject({ type: 'usage.threshold_reached', limit });
    expect(used * 100).toBeGreaterThanOrEqual(threshold_percent * limit);
  }

  await mailTo(account.email, '100 % of your calls are used');
  await expect
    .poll(async () => (await mailsTo(account.email)).map(({ subject }) => subject).sort(), patience)
    .toEqual([
      '100 % of your calls are used',
      '50 % of your calls are used',
      '80 % of your calls are used',
    ]);
}, 90_000);

test('one charge across two thresholds tells both', async () => {
  const { account, levels } = await newListener();
  const { reserveQuota } = await usage();
  await reserveQuota(account, 210);
  await expect.poll(levels, patience).toEqual([50, 80]);
});

test('use that goes back and comes again is told once', async () => {
  const { account, id, levels } = await newListener();
  const { flushUsage, reserveQuota } = await usage();
  const charge = await reserveQuota(account, 130);
  await flushUsage();
  await charge.release();
  await reserveQuota(account, 130);
  await flushUsage();
  await expect.poll(() => openAlerts(id), patience).toBe(0);
  expect(await levels()).toEqual([50]);
});

test('a new cycle is told anew', async () => {
  const { account, levels } = await newListener();
  const { flushUsage, reserveQuota } = await usage();
  await reserveQuota(account, 130);
  await reserveQuota({ ...account, cycleAnchor: account.cycleAnchor - 60_000 }, 130);
  await flushUsage();
  await expect.poll(levels, patience).toEqual([50, 50]);
});

test('a job that is accepted counts, before it ends', async () => {
  const { id, key, levels } = await newListener();
  await leaveCalls(id, 126);
  const prefer = { prefer: 'respond-async' };
  const first = await postJson('html-to-pdf', key, { html: '<p>x' }, prefer);
  expect(first.status).toBe(202);
  await expect.poll(levels, patience).toEqual([50]);
});

test('an alert whose teller died on the way is told by the next call, under the same id', async () => {
  const { account, heard, id } = await newListener();
  const { reserveQuota } = await usage();
  const { database } = await import('#server/database.ts');
  const { newId } = await import('#server/platform/ids.ts');
  await reserveQuota(account, 124);
  const { data } = await database().quota.query.byCycle({ accountId: id }).go();
  const [row] = data;
  if (!row) throw new Error('Nothing was counted.');
  const eventId = newId('msg');
  await database()
    .usageAlert.create({
      accountId: id,
      cycle: row.cycle,
      threshold: '50',
      state: 'open',
      claimedAt: Date.now() - 60_000,
      eventId,
      used: 125,
      limit,
      expiresAt: Math.floor(Date.now() / 1000) + 600,
    })
    .go();
  await reserveQuota(account, 1);
  await expect
    .poll(heard, patience)
    .toMatchObject([{ event_id: eventId, threshold_percent: 50, used: 125, limit }]);
  await expect.poll(() => openAlerts(id), patience).toBe(0);
});
