import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, sessionOf } from '../support/callers.ts';
import { expectProblem } from '../support/problem.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { newAccount } from '../support/stack.ts';
import { deliveriesTo, emit, newEndpoint } from '../support/webhooks.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

test('a range of deliveries that have failed is sent again, and no other', async () => {
  const { id } = await newAccount({ plan: 'enterprise' });
  const as = await sessionOf(id);
  let isDown = true;
  const { url } = receiver.on((response) => response.writeHead(isDown ? 500 : 200).end());
  const endpoint = await newEndpoint(as, { url });
  const before = new Date(Date.now() - 60_000).toISOString();
  for (let at = 0; at < 3; at++) await emit(id, { at });
  const deliveries = () => deliveriesTo(as, endpoint.id);
  const tried = async () => (await deliveries()).map(({ attempts }) => attempts.length > 0);
  await expect.poll(tried, { timeout: 30_000, interval: 200 }).toEqual([true, true, true]);
  // As after the last attempt: nothing would be sent any more.
  const { database } = await import('#server/database.ts');
  for (const delivery of await deliveries())
    await database()
      .webhookDelivery.patch({ accountId: id, id: delivery.id })
      .set({ state: 'failed', dueAt: Date.now() })
      .add({ revision: 1 })
      .composite({ endpointId: endpoint.id })
      .go();
  isDown = false;
  const range = (more = {}) =>
    call('POST', '/webhook-deliveries/replay', as, {
      from: before,
      to: new Date(Date.now() + 60_000).toISOString(),
      endpoint_id: endpoint.id,
      ...more,
    });
  const past = { from: '2020-01-01T00:00:00Z', to: before, state: 'failed' };
  expect((await range(past)).json).toEqual({ replayed: 0, skipped: 0 });
  expect((await range()).json).toEqual({ replayed: 3, skipped: 0 });
  const states = async () => (await deliveries()).map(({ state }) => state);
  const all = ['succeeded', 'succeeded', 'succeeded'];
  await expect.poll(states, { timeout: 30_000, interval: 200 }).toEqual(all);
  const none = await range();
  expect(none.status).toBe(202);
  expect(none.json).toEqual({ replayed: 0, skipped: 0 });
  const backwards = await range({ to: '2020-01-01T00:00:00Z' });
  expect(expectProblem(backwards, backwards.text, 'invalid_input').param).toBe('to');
});
