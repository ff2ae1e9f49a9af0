import { createHash } from 'node:crypto';
import { AppError, isAppError } from '@nebula/contract/errors';
import { testEventType, type WebhookEventType } from '@nebula/contract/webhook-events';
import { encodeTime } from 'ulid';
import { clock, isoTime } from '../../platform/clock.ts';
import { isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import {
  changeDelivery,
  type DeliveryRange,
  findBetween,
  findDelivery,
  forgetAt,
  giveUp,
  writeDelivery,
} from './deliveries.ts';
import {
  findEndpoint,
  listEndpoints,
  noSuchEndpoint,
  pokeEndpoint,
  type Target,
} from './endpoints.ts';
import { laneOfJobs } from './job-lane.ts';
import type { DeliveryRow, EndpointRow } from './schema.ts';

/** The id of an event of one moment that several may tell: equal for the same moment and cause. */
export function eventIdAt(milliseconds: number, cause: string): string {
  const hash = createHash('sha256').update(cause).digest('hex').slice(0, 16).toUpperCase();
  return `msg_${encodeTime(milliseconds, 10)}${hash}`;
}

/**
 * Tells an account of something: writes one delivery for each of its endpoints that wants the
 * type. When it returns, nothing can be lost any more; when it throws, calling it again with the
 * same `eventId` makes no second delivery.
 *
 * @param data what the receiver finds in `data`, with the names of the wire
 * @param options `eventId` from `newId('msg')`, kept by a caller who may have to call again; `url` of
 *   a job that names an address of its own
 * @returns the id of the event, which receivers see as `webhook-id`
 * @example
 * await emitEvent(accountId, 'job.succeeded', describeJob(job));
 */
export async function emitEvent(
  accountId: string,
  type: WebhookEventType,
  data: Record<string, unknown>,
  { eventId = newId('msg'), url }: { eventId?: string; url?: string } = {},
): Promise<string> {
  const endpoints = await listEndpoints(accountId);
  const wanted = endpoints.filter(
    ({ events, isEnabled }) => isEnabled && (events.length === 0 || events.includes(type)),
  );
  const payload = payloadOf(type, data);
  await Promise.all(wanted.map((endpoint) => enqueue(endpoint, { eventId, type, payload })));
  const lane = url === undefined ? undefined : await laneOfJobs(accountId);
  if (lane) await enqueue(lane, { eventId, type, payload, url });
  return eventId;
}

/** Sends an event that means nothing, so that the owner sees what comes of it. */
export async function sendTestEvent(target: Target): Promise<DeliveryRow> {
  const endpoint = await findEndpoint(target);
  if (!endpoint) throw noSuchEndpoint();
  assertEnabled(endpoint);
  const data = { endpoint_id: endpoint.id, message: 'This is a test.' };
  const payload = payloadOf(testEventType, data);
  return enqueue(endpoint, { eventId: newId('msg'), type: testEventType, payload });
}

/** Makes a delivery due at once, with its whole schedule before it and under the same event id. */
export async function replayDelivery({ accountId, id }: Target): Promise<DeliveryRow> {
  for (;;) {
    const row = await findDelivery({ accountId, id });
    if (!row) throw new AppError('not_found', 'There is no such delivery in this account.');
    const target = { accountId, id: row.endpointId };
    const endpoint = await findEndpoint(target);
    if (!endpoint) throw endpointDeleted();
    assertEnabled(endpoint);
    const now = clock.now();
    const change = { state: 'pending' as const, dueAt: now, tries: 0, expiresAt: forgetAt(now) };
    if (!(await changeDelivery(row, change))) continue;
    if (!(await wakeLane(target, row))) throw endpointDeleted();
    return { ...row, ...change };
  }
}

/** Deliveries that one call sends again. */
export const maxReplays = 500;

/**
 * Makes all deliveries of a range due at once. Those whose endpoint is off or gone stay as they are.
 *
 * @throws AppError `invalid_input` for a range that holds too many, before any is sent
 */
export async function replayRange(
  accountId: string,
  range: DeliveryRange,
): Promise<{ replayed: number; skipped: number }> {
  const rows = await findBetween(accountId, range, maxReplays + 1);
  if (rows.length > maxReplays) {
    const message = `Expected a range of at most ${maxReplays} deliveries; this one has more. Send it in parts.`;
    throw new AppError('invalid_input', message, { param: 'to', extra: { limit: maxReplays } });
  }
  let replayed = 0;
  for (const { id } of rows) {
    try {
      await replayDelivery({ accountId, id });
      replayed += 1;
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  }
  return { replayed, skipped: rows.length - replayed };
}

type Message = { eventId: string; type: string; payload: string; url?: string };

/** The row first: if this process ends here, the next look at the endpoint finds it. */
async function enqueue({ accountId, id }: EndpointRow, message: Message): Promise<DeliveryRow> {
  const row = await writeDelivery({ accountId, endpointId: id }, message);
  await wakeLane({ accountId, id }, row);
  return row;
}

/** Has a delivery made that was just written; false: the endpoint was deleted a moment ago. */
async function wakeLane(endpoint: Target, delivery: Target): Promise<boolean> {
  try {
    await pokeEndpoint(endpoint);
    return true;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    await giveUp(delivery);
    return false;
  }
}

const endpointDeleted = () =>
  new AppError('conflict', 'The endpoint of this delivery was deleted.');

const payloadOf = (type: string, data: Record<string, unknown>): string =>
  JSON.stringify({ type, timestamp: isoTime(clock.now()), data });

function assertEnabled({ isEnabled }: EndpointRow): void {
  if (isEnabled) return;
  const message = 'The endpoint is switched off. Switch it on with is_enabled: true first.';
  throw new AppError('conflict', message);
}
