import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import type { DeliveryFilter, DeliveryRow } from './schema.ts';

const keptSeconds = 30 * 24 * 60 * 60;

/** Seconds since 1970 at which a delivery may be forgotten; its whole schedule fits in before. */
export const forgetAt = (now: number): number => Math.floor(now / 1000) + keptSeconds;

type Message = { eventId: string; type: string; payload: string; url?: string };

/**
 * Writes the one row of an event and an endpoint. Its id is made from the two, so that an event
 * which is noted twice has one row all the same.
 */
export async function writeDelivery(
  { accountId, endpointId }: { accountId: string; endpointId: string },
  message: Message,
): Promise<DeliveryRow> {
  const now = clock.now();
  const row: DeliveryRow = {
    ...message,
    id: deliveryIdOf(message.eventId, endpointId),
    accountId,
    endpointId,
    state: 'pending',
    dueAt: now,
    tries: 0,
    attempts: [],
    createdAt: now,
    revision: 0,
    expiresAt: forgetAt(now),
  };
  try {
    await database().webhookDelivery.create(row).go();
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
  return row;
}

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The time of the event's id, so that deliveries sort by it, and a fingerprint of both ids. */
function deliveryIdOf(eventId: string, endpointId: string): string {
  const hash = createHash('sha256').update(`${eventId} ${endpointId}`).digest();
  const rest = [...hash.subarray(0, 16)].map((byte) => digits[byte % 32]).join('');
  return `whd_${eventId.slice('msg_'.length).slice(0, 10)}${rest}`;
}

/** The delivery as it is now, or undefined. */
export async function findDelivery(target: {
  accountId: string;
  id: string;
}): Promise<DeliveryRow | undefined> {
  const { data } = await database().webhookDelivery.get(target).go({ consistent: true });
  return data ?? undefined;
}

/** Deliveries to an endpoint that wait, those that are due first. */
export async function findPending(endpointId: string, count: number): Promise<DeliveryRow[]> {
  const { data } = await database()
    .webhookDelivery.query.byEndpointAndState({ endpointId, state: 'pending' })
    .go({ count });
  return data;
}

/** Changes a delivery that is still as it was looked at; false: somebody else was faster. */
export async function changeDelivery(
  { accountId, endpointId, id, revision: seen }: DeliveryRow,
  change: Partial<Pick<DeliveryRow, 'attempts' | 'expiresAt' | 'tries'>> &
    Pick<DeliveryRow, 'dueAt' | 'state'>,
): Promise<boolean> {
  try {
    await database()
      .webhookDelivery.patch({ accountId, id })
      .set({ ...change, revision: seen + 1 })
      .composite({ endpointId })
      .where(({ revision }, { eq }) => eq(revision, seen))
      .go();
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

const pageSize = 100;

/** Ends what is seen on its way to an endpoint that is gone. */
export async function giveUpPending(endpointId: string): Promise<void> {
  const query = database().webhookDelivery.query.byEndpointAndState({
    endpointId,
    state: 'pending',
  });
  let from: string | null = null;
  do {
    const page: { cursor: string | null; data: DeliveryRow[] } = await query.go({
      cursor: from,
      limit: pageSize,
    });
    await Promise.all(page.data.map(giveUp));
    from = page.cursor;
  } while (from !== null);
}

/** Ends a delivery, also where an attempt is noted in between; false: it did not wait. */
export async function giveUp(target: { accountId: string; id: string }): Promise<boolean> {
  for (;;) {
    const row = await findDelivery(target);
    if (row?.state !== 'pending') return false;
    if (await changeDelivery(row, { state: 'failed', dueAt: clock.now() })) return true;
  }
}

/** Deliveries of events between two moments in milliseconds, the oldest first, so many at most. */
export async function findBetween(
  accountId: string,
  { endpointId, from, state, to }: DeliveryRange,
  count: number,
): Promise<DeliveryRow[]> {
  const idAt = (at: number) => `whd_${encodeTime(at, 10)}`;
  const query = endpointId
    ? database().webhookDelivery.query.byEndpoint({ accountId, endpointId })
    : database().webhookDelivery.query.byAccount({ accountId });
  const { data } = await query
    .between({ id: idAt(from) }, { id: idAt(to) })
    .where((delivery, { eq }) => eq(delivery.state, state))
    .go({ count });
  return data;
}

export type DeliveryRange = {
  from: number;
  to: number;
  state: DeliveryRow['state'];
  endpointId?: string;
};

type Page = { rows: DeliveryRow[]; nextCursor?: string };

/** The newest deliveries of an account that fit, from where a cursor says. */
export async function listDeliveries(
  accountId: string,
  { cursor, filter, limit }: { cursor?: string; filter: DeliveryFilter; limit: number },
): Promise<Page> {
  const { endpoint_id: endpointId, event_id: eventId, state, type } = filter;
  const list = `webhook-deliveries:${JSON.stringify([accountId, endpointId, eventId, state, type])}`;
  const query = endpointId
    ? database().webhookDelivery.query.byEndpoint({ accountId, endpointId })
    : database().webhookDelivery.query.byAccount({ accountId });
  const from = cursor === undefined ? query : query.lt({ id: readCursor(list, cursor) });
  const wanted = Object.entries({ eventId, state, type }).filter(([, value]) => value);
  const { data } = await from
    // DynamoDB takes its time to remove a row; one that is over is not shown meanwhile.
    .where((attributes, { eq, gt }) =>
      [
        gt(attributes.expiresAt, clock.now() / 1000),
        ...wanted.map(([name, value]) => eq(attributes[name as 'eventId'], value as string)),
      ].join(' AND '),
    )
    .go({ order: 'desc', count: limit + 1 });
  const rows = data.slice(0, limit);
  const last = rows.at(-1);
  return { rows, nextCursor: last && data.length > limit ? signCursor(list, last.id) : undefined };
}
