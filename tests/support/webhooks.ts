import { expect } from 'vitest';
import { type Credentials, call } from './callers.ts';

type Facts = { id: string; secret: string };

/** Creates an endpoint through the API. */
export async function newEndpoint(
  as: Credentials,
  settings: Record<string, unknown>,
  base?: string,
): Promise<Facts> {
  const { json, status, text } = await call('POST', '/webhook-endpoints', as, settings, base);
  expect(status, text).toBe(201);
  return json;
}

/** Tells an account of something, as the parts of the product do. */
export async function emit(
  accountId: string,
  data: Record<string, unknown> = {},
  options: { eventId?: string } = {},
): Promise<string> {
  const { emitEvent } = await import('#server/modules/webhook/service.ts');
  return emitEvent(accountId, 'job.succeeded', data, options);
}

export type Delivery = {
  id: string;
  event_id: string;
  endpoint_id: string;
  type: string;
  state: string;
  payload: string;
  attempts: {
    at: string;
    status: number | null;
    error: string | null;
    latency_ms: number;
    reply: string;
  }[];
  next_attempt_at: string | null;
};

/** The deliveries that the log shows for an endpoint, the newest first. */
export async function deliveriesTo(
  as: Credentials,
  endpointId: string,
  base?: string,
): Promise<Delivery[]> {
  const found: Delivery[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: URLSearchParams = new URLSearchParams({ endpoint_id: endpointId, limit: '100' });
    if (cursor) query.set('cursor', cursor);
    const { json, status, text } = await call(
      'GET',
      `/webhook-deliveries?${query}`,
      as,
      undefined,
      base,
    );
    expect(status, text).toBe(200);
    found.push(...json.data);
    cursor = json.next_cursor;
  }
  return found;
}

/** The one delivery to an endpoint, once so many attempts are in its log. */
export async function afterAttempts(
  as: Credentials,
  endpointId: string,
  count = 1,
): Promise<Delivery> {
  const attempts = async () => (await deliveriesTo(as, endpointId))[0]?.attempts.length;
  await expect.poll(attempts, { timeout: 30_000, interval: 100 }).toBe(count);
  const [delivery] = await deliveriesTo(as, endpointId);
  if (!delivery) throw new Error('The delivery is gone.');
  return delivery;
}

/**
 * Moves what waits for an endpoint to this moment, by its rows: the hours between attempts pass
 * without waiting for them. A lease is ended with them where asked.
 */
export async function makeDue(
  accountId: string,
  endpointId: string,
  { endLease = false } = {},
): Promise<void> {
  const { database } = await import('#server/database.ts');
  const { webhookDelivery, webhookEndpoint } = database();
  const { data } = await webhookDelivery.query
    .byEndpointAndState({ endpointId, state: 'pending' })
    .go({ pages: 'all' });
  const dueAt = Date.now();
  for (const { id } of data.filter((row) => row.dueAt > dueAt)) {
    await webhookDelivery
      .patch({ accountId, id })
      .set({ dueAt, state: 'pending' })
      .composite({ endpointId })
      .where(({ state }, { eq }) => eq(state, 'pending'))
      .go()
      // It was delivered in between.
      .catch(() => undefined);
  }
  await webhookEndpoint
    .patch({ accountId, id: endpointId })
    .set({ dueAt, ...(endLease ? { leaseUntil: 0 } : {}) })
    .add({ pokes: 1 })
    .remove(['pausedUntil'])
    .go();
}

/**
 * Changes a stored endpoint past its owner, as time or an accident would. Whoever works on it knows it
 * as it was: it is changed between two turns.
 */
export async function alterEndpoint(
  accountId: string,
  id: string,
  change: { url?: string; failingSince?: number; previousSecretUntil?: number },
): Promise<void> {
  const { database } = await import('#server/database.ts');
  const isChanged = () =>
    database()
      .webhookEndpoint.patch({ accountId, id })
      .set(change)
      .where(({ leaseUntil }, { notExists }) => notExists(leaseUntil))
      .go()
      .then(
        () => true,
        () => false,
      );
  await expect.poll(isChanged, { timeout: 30_000, interval: 50 }).toBe(true);
}

/** The endpoint as its owner sees it. */
export async function endpointOf(as: Credentials, id: string) {
  const { json } = await call('GET', '/webhook-endpoints', as);
  return json.data.find((each: { id: string }) => each.id === id);
}
