import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sessionOf } from '../support/callers.ts';
import { killAll, waitUntilReady } from '../support/chaos.ts';
import { webPid } from '../support/process.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { newAccount } from '../support/stack.ts';
import { deliveriesTo, emit, makeDue, newEndpoint } from '../support/webhooks.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => waitUntilReady());

test('kill -9 of the web process between a send and its record loses no event', async () => {
  const { id: accountId } = await newAccount({ plan: 'enterprise' });
  const me = await sessionOf(accountId);
  const events = 12;
  let isHolding = true;
  const { received, url } = receiver.on((response) => {
    if (!isHolding) response.writeHead(204).end();
  });
  const { id } = await newEndpoint(me, { url });
  const sent = await Promise.all(Array.from({ length: events }, (_, n) => emit(accountId, { n })));
  await expect.poll(() => received.length, { timeout: 30_000 }).toBeGreaterThan(0);
  killAll([webPid()]);
  await expect.poll(() => received.every(({ socket }) => socket.destroyed)).toBe(true);
  const lost = received.length;
  isHolding = false;
  await waitUntilReady();
  // The lease of the dead process is over.
  await makeDue(accountId, id, { endLease: true });
  const succeeded = async () =>
    (await deliveriesTo(me, id)).filter(({ state }) => state === 'succeeded').length;
  await expect.poll(succeeded, { timeout: 30_000 }).toBe(events);
  const ids = received.map(({ headers }) => String(headers['webhook-id']));
  expect(new Set(ids)).toEqual(new Set(sent));
  // Nothing was sent more than once again for the one crash.
  expect(ids).toHaveLength(events + lost);
  for (const each of sent) expect(ids.filter((other) => other === each).length).toBeLessThan(3);
});

test('an event of a moment at which no web process runs is sent by the next one', async () => {
  const { id: accountId } = await newAccount({ plan: 'enterprise' });
  const me = await sessionOf(accountId);
  const { received, url } = receiver.on((response) => response.writeHead(204).end());
  await newEndpoint(me, { url });
  killAll([webPid()]);
  const eventId = await emit(accountId);
  await waitUntilReady();
  await expect.poll(() => received.length, { timeout: 30_000 }).toBe(1);
  expect(received[0]?.headers['webhook-id']).toBe(eventId);
});
