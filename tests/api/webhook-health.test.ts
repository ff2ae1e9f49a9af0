import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, sessionOf } from '../support/callers.ts';
import { dieAfter } from '../support/crash.ts';
import { mailsTo, mailTo } from '../support/mails.ts';
import { answering, type Receiver, startReceiver } from '../support/receiver.ts';
import { newOwner } from '../support/stack.ts';
import { alterEndpoint, emit, endpointOf, newEndpoint } from '../support/webhooks.ts';

const { findEndpoint, updateEndpoint } = await import('#server/modules/webhook/endpoints.ts');
const { noteFailure, noteGone, notePause } = await import('#server/modules/webhook/health.ts');
const { redisReady } = await import('#server/platform/redis.ts');

const day = 24 * 60 * 60 * 1000;
// A name without an address: what is sent there leaves nothing but a failed attempt.
const url = 'https://nobody.invalid/hook';
const switchedOff = 'A webhook endpoint was switched off';
const unanswered = 'A webhook endpoint does not answer';

let receiver: Receiver;
beforeAll(async () => {
  await redisReady();
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

/** An endpoint of an account of its own; `held` is its row as whoever works on it has read it. */
async function held({ address = url, failingSince = 0 } = {}) {
  const { email, id: accountId } = await newOwner('enterprise');
  const me = await sessionOf(accountId);
  const { id } = await newEndpoint(me, { url: address });
  if (failingSince) await alterEndpoint(accountId, id, { failingSince });
  const read = async () => {
    const row = await findEndpoint({ accountId, id });
    if (!row) throw new Error(`There is no endpoint ${id}.`);
    return row;
  };
  return { accountId, email, id, me, read, row: await read() };
}

test('a new address has no part in a pause that the old one has asked for', async () => {
  const old = receiver.on(answering(503, { 'retry-after': '86400' }));
  const { accountId, id, me, read } = await held({ address: old.url });
  await emit(accountId);
  await expect
    .poll(async () => (await read()).pausedUntil, { timeout: 30_000 })
    .toBeGreaterThan(Date.now());
  const healthy = receiver.on(answering(204));
  await call('PATCH', `/webhook-endpoints/${id}`, me, { url: healthy.url });
  await emit(accountId);
  await expect.poll(() => healthy.received.length, { timeout: 30_000 }).toBe(1);
});

test('a new address has its own five days', async () => {
  const failingSince = Date.now() - 6 * day;
  const { id, me, row } = await held({ failingSince });
  const { json } = await call('PATCH', `/webhook-endpoints/${id}`, me, { url: `${url}/new` });
  expect(json.failing_since).toBeNull();
  // What was on its way to the old address ends now.
  await noteFailure(row);
  expect(await endpointOf(me, id)).toMatchObject({ is_enabled: true, failing_since: null });
});

test('what the old address has answered counts for nothing once there is a new one', async () => {
  const { id, me, read, row } = await held();
  await call('PATCH', `/webhook-endpoints/${id}`, me, { url: `${url}/new` });
  await notePause({ ...row }, Date.now() + day);
  await noteFailure({ ...row });
  await noteGone({ ...row });
  const after = await read();
  expect(after).toMatchObject({ isEnabled: true, url: `${url}/new` });
  expect([after.failingSince, after.pausedUntil]).toEqual([undefined, undefined]);
});

test('an endpoint that stays at its address keeps what is known of it', async () => {
  const failingSince = Date.now() - 2 * day;
  const { id, me, read } = await held({ failingSince });
  await call('PATCH', `/webhook-endpoints/${id}`, me, { description: 'x', url });
  expect(await read()).toMatchObject({ failingSince });
});

test('no endpoint is switched off without a mail to its owner, whenever the process dies', async () => {
  for (const writes of [0, 1, 2]) {
    const { email, read, row } = await held();
    await dieAfter(writes, () => noteGone(row));
    if ((await read()).isEnabled) continue;
    expect((await mailTo(email, switchedOff)).text).toContain('it answers that it is gone');
  }
}, 120_000);

test('no endpoint is noted as told of without a mail to its owner, whenever the process dies', async () => {
  const failingSince = Date.now() - 2 * day;
  for (const writes of [0, 1, 2]) {
    const { email, read, row } = await held({ failingSince });
    await dieAfter(writes, () => noteFailure(row));
    if ((await read()).noticedAt === undefined) continue;
    expect((await mailTo(email, unanswered)).text).toContain(url);
  }
}, 120_000);

test('an owner who was faster is not told that somebody else has switched it off', async () => {
  const { accountId, email, id, me, row } = await held();
  await updateEndpoint({ accountId, id, change: { isEnabled: false } });
  await noteGone(row);
  // A mail of later has come, so that of before would be there.
  const other = await newEndpoint(me, { url: `${url}/other` });
  const found = await findEndpoint({ accountId, id: other.id });
  if (!found) throw new Error('The other endpoint was not made.');
  await noteGone(found);
  await mailTo(email, switchedOff);
  const mails = (await mailsTo(email)).filter(({ subject }) => subject === switchedOff);
  expect(mails.map(({ text }) => text.includes(`${url}/other`))).toEqual([true]);
  const { json } = await call('GET', '/notifications', me);
  expect(json.data.map(({ text }: { text: string }) => text)).toEqual([
    expect.stringContaining(`${url}/other`),
  ]);
});
