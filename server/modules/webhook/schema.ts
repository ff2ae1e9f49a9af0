import { testEventType, webhookEventTypes } from '@nebula/contract/webhook-events';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { idSchema } from '../../platform/ids.ts';

/** A stored endpoint as its owner may see it, and what its lane needs. */
export type EndpointRow = {
  id: string;
  accountId: string;
  url: string;
  events: string[];
  description?: string;
  isEnabled: boolean;
  secret: string;
  previousSecret?: string;
  previousSecretUntil?: number;
  failingSince?: number;
  noticedAt?: number;
  disabledReason?: 'owner' | 'gone' | 'failing';
  isOfJobs?: boolean;
  deletedAt?: number;
  createdAt: number;
  revision: number;
  dueAt: number;
  pokes: number;
  pokedAt: number;
  pausedUntil?: number;
  leaseOwner?: string;
  leaseUntil?: number;
};

/** What the owner decides about an endpoint. */
export type EndpointSettings = Pick<EndpointRow, 'url' | 'events' | 'description' | 'isEnabled'>;

/** One request to an endpoint and what became of it. */
export type Attempt = {
  at: number;
  latencyMs: number;
  status?: number;
  error?: string;
  reply?: string;
};

/** A stored delivery. */
export type DeliveryRow = {
  id: string;
  accountId: string;
  endpointId: string;
  url?: string;
  eventId: string;
  type: string;
  payload: string;
  state: 'pending' | 'succeeded' | 'failed';
  dueAt: number;
  tries: number;
  attempts: Attempt[];
  createdAt: number;
  revision: number;
  expiresAt: number;
};

const endpointId = idSchema('we').describe('Id of the endpoint.');
const deliveryId = idSchema('whd').describe('Id of the delivery.');

const settings = {
  url: z
    .string()
    .min(1)
    .max(2048)
    .describe('Public http or https address that takes a POST for every event.'),
  events: z
    .array(z.enum(webhookEventTypes))
    .max(webhookEventTypes.length)
    .transform((list) => [...new Set(list)])
    .describe('Types that are sent; empty: every type, those that come later too.'),
  description: z.string().trim().max(200).nullable().describe('What the endpoint is for.'),
  is_enabled: z.boolean().describe('Whether events are sent.'),
};

const { url, ...optional } = settings;

export const createEndpointInput = z.strictObject({
  url,
  ...z.strictObject(optional).partial().shape,
});

export const updateEndpointInput = z.strictObject({
  id: endpointId,
  ...z.strictObject(settings).partial().shape,
});

export const endpointIdInput = z.strictObject({ id: endpointId });
export const deliveryIdInput = z.strictObject({ id: deliveryId });

export const listDeliveriesInput = z.strictObject({
  endpoint_id: endpointId.optional().describe('Only deliveries to this endpoint.'),
  event_id: idSchema('msg').optional().describe('Only deliveries of this event.'),
  state: z
    .enum(['pending', 'succeeded', 'failed'])
    .optional()
    .describe('Only deliveries in this state.'),
  type: z
    .enum([...webhookEventTypes, testEventType])
    .optional()
    .describe('Only deliveries of this type.'),
  limit: z.int().min(1).max(100).default(20).describe('Deliveries in one answer.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('`next_cursor` of the answer before; none for the newest deliveries.'),
});

const moment = z.iso.datetime({ offset: true });

export const replayRangeInput = z
  .strictObject({
    from: moment.describe('Only deliveries of events of this moment or later.'),
    to: moment.describe('Only deliveries of events before this moment.'),
    endpoint_id: endpointId.optional().describe('Only deliveries to this endpoint.'),
    state: z
      .enum(['failed', 'succeeded', 'pending'])
      .default('failed')
      .describe('Only deliveries in this state.'),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    path: ['to'],
    error: 'Expected a moment after from.',
  });

export const replayedSchema = z.object({
  replayed: z.int().describe('Deliveries that are sent again.'),
  skipped: z.int().describe('Deliveries whose endpoint is switched off or deleted.'),
});

export type DeliveryFilter = Omit<z.infer<typeof listDeliveriesInput>, 'limit' | 'cursor'>;

export const endpointSchema = z.object({
  id: z.string(),
  object: z.literal('webhook_endpoint'),
  url: z.string(),
  events: z.array(z.string()),
  description: z.string().nullable(),
  is_enabled: z.boolean(),
  disabled_reason: z
    .enum(['owner', 'gone', 'failing'])
    .nullable()
    .describe('`gone`: the receiver answered 410. `failing`: nothing arrived for five days.'),
  failing_since: z.string().nullable(),
  previous_secret_expires_at: z.string().nullable(),
  created_at: z.string(),
});

export const endpointListSchema = z.object({ data: z.array(endpointSchema) });
export const endpointWithSecretSchema = z.object({
  ...endpointSchema.shape,
  secret: z.string().describe('Verifies the signatures. It is shown this once.'),
});
export const jobSecretSchema = z.object({
  secret: z.string().describe('Verifies what goes to a `webhook_url`. It is shown this once.'),
  previous_secret_expires_at: z
    .string()
    .nullable()
    .describe('Until then the one before signs too.'),
});
export const deletedEndpointSchema = z.object({
  id: z.string(),
  object: z.literal('webhook_endpoint'),
  deleted: z.literal(true),
});

export const deliverySchema = z.object({
  id: z.string(),
  object: z.literal('webhook_delivery'),
  endpoint_id: z
    .string()
    .nullable()
    .describe('null: it goes to the `webhook_url` of a job or a batch.'),
  url: z.string().nullable().describe('That `webhook_url`; null where there is an endpoint.'),
  event_id: z.string().describe('What every attempt says in `webhook-id`.'),
  type: z.string(),
  state: z.enum(['pending', 'succeeded', 'failed']),
  payload: z.string().describe('The body that is sent, byte for byte.'),
  attempts: z.array(
    z.object({
      at: z.string(),
      status: z.int().nullable().describe('null: there was no answer.'),
      error: z.string().nullable().describe('Why there was no answer, in one word.'),
      latency_ms: z.int(),
      reply: z.string().describe('The first 4096 bytes of the answer.'),
    }),
  ),
  next_attempt_at: z.string().nullable(),
  created_at: z.string(),
});

export const deliveryListSchema = z.object({
  data: z.array(deliverySchema),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export function toPublicEndpoint(row: EndpointRow): z.infer<typeof endpointSchema> {
  return {
    id: row.id,
    object: 'webhook_endpoint',
    url: row.url,
    events: row.events,
    description: row.description || null,
    is_enabled: row.isEnabled,
    disabled_reason: row.isEnabled ? null : (row.disabledReason ?? 'owner'),
    failing_since: timeOrNull(row.failingSince),
    previous_secret_expires_at: timeOrNull(row.previousSecretUntil),
    created_at: isoTime(row.createdAt),
  };
}

export function toPublicDelivery(row: DeliveryRow): z.infer<typeof deliverySchema> {
  return {
    id: row.id,
    object: 'webhook_delivery',
    endpoint_id: row.url === undefined ? row.endpointId : null,
    url: row.url ?? null,
    event_id: row.eventId,
    type: row.type,
    state: row.state,
    payload: row.payload,
    attempts: row.attempts.map(({ at, error, latencyMs, reply, status }) => ({
      at: isoTime(at),
      status: status ?? null,
      error: error ?? null,
      latency_ms: latencyMs,
      reply: reply ?? '',
    })),
    next_attempt_at: row.state === 'pending' ? isoTime(row.dueAt) : null,
    created_at: isoTime(row.createdAt),
  };
}

/** The settings that an input names. */
export function toEndpointSettings(
  input: Omit<z.infer<typeof updateEndpointInput>, 'id'>,
): Partial<EndpointSettings> {
  const change: Partial<EndpointSettings> = {};
  if (input.url !== undefined) change.url = input.url;
  if (input.events !== undefined) change.events = input.events;
  if (input.description !== undefined) change.description = input.description ?? '';
  if (input.is_enabled !== undefined) change.isEnabled = input.is_enabled;
  return change;
}

const timeOrNull = (milliseconds: number | undefined) =>
  milliseconds === undefined ? null : isoTime(milliseconds);
