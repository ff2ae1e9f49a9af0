import { Entity } from 'electrodb';

/** Milliseconds that sort as texts do, since they are part of a key. */
const dueAt = {
  type: 'number',
  required: true,
  padding: { length: 15, char: '0' },
} as const;

/**
 * Where an account wants to be told, and the lane in which its deliveries are worked on: one
 * process at a time holds a lane, so that an endpoint which is slow or dead delays itself alone.
 */
export const webhookEndpointEntity = new Entity({
  model: { entity: 'webhookEndpoint', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true, readOnly: true },
    url: { type: 'string', required: true },
    /** Empty: every type, those that come later too. */
    events: { type: 'list', items: { type: 'string' }, required: true },
    description: { type: 'string' },
    isEnabled: { type: 'boolean', required: true },
    /** Sealed. */
    secret: { type: 'string', required: true },
    /** Sealed; signs beside the new one for a while. */
    previousSecret: { type: 'string' },
    /** Milliseconds. */
    previousSecretUntil: { type: 'number' },
    /** Milliseconds; since then nothing has been delivered, although it was tried. */
    failingSince: { type: 'number' },
    /** Milliseconds; the owner was told that it fails. */
    noticedAt: { type: 'number' },
    /** The one lane of an account for the addresses of its jobs; each delivery names its own. */
    isOfJobs: { type: 'boolean', readOnly: true },
    /** Milliseconds; the owner has deleted it, and the row is there for its lane alone. */
    deletedAt: { type: 'number' },
    disabledReason: { type: ['owner', 'gone', 'failing'] as const },
    createdAt: { type: 'number', required: true, readOnly: true },
    /** Goes up with every change of the owner's. */
    revision: { type: 'number', required: true },

    /** When somebody has to look for deliveries. Every endpoint is looked at now and then. */
    dueAt,
    /** How often there was something new; tells a look that has missed some. */
    pokes: { type: 'number', required: true },
    pokedAt: { type: 'number', required: true },
    /** Milliseconds; the receiver has asked for a pause. */
    pausedUntil: { type: 'number' },
    leaseOwner: { type: 'string' },
    leaseUntil: { type: 'number' },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byDueTime: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: [], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['dueAt', 'id'], casing: 'none' },
    },
  },
});

/** How many endpoints an account has; the lane of its jobs is none. */
export const webhookEndpointCountEntity = new Entity({
  model: { entity: 'webhookEndpointCount', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    count: { type: 'number' },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
  },
});

/** One event on its way to one endpoint, with every attempt that was made. */
export const webhookDeliveryEntity = new Entity({
  model: { entity: 'webhookDelivery', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true, readOnly: true },
    endpointId: { type: 'string', required: true, readOnly: true },
    /** Where it goes, if not to the address of the endpoint. */
    url: { type: 'string', readOnly: true },
    /** What every attempt says in `webhook-id`, to every endpoint. */
    eventId: { type: 'string', required: true, readOnly: true },
    type: { type: 'string', required: true, readOnly: true },
    /** The very bytes that are sent and signed. */
    payload: { type: 'string', required: true, readOnly: true },
    state: { type: ['pending', 'succeeded', 'failed'] as const, required: true },
    /** When the next attempt is due; while none is, when the last one was made. */
    dueAt,
    /** Attempts since the event, or since it was last asked to be sent again. */
    tries: { type: 'number', required: true },
    /** The latest attempts, the newest last. */
    attempts: {
      type: 'list',
      required: true,
      items: {
        type: 'map',
        properties: {
          at: { type: 'number', required: true },
          latencyMs: { type: 'number', required: true },
          status: { type: 'number' },
          error: { type: 'string' },
          reply: { type: 'string' },
        },
      },
    },
    createdAt: { type: 'number', required: true, readOnly: true },
    /** Goes up with every change, so that two who work on it at once are noticed. */
    revision: { type: 'number', required: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byEndpointAndState: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['endpointId', 'state'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['dueAt', 'id'], casing: 'none' },
    },
    byEndpoint: {
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['accountId', 'endpointId'], casing: 'none' },
      sk: { field: 'gsi2sk', composite: ['id'], casing: 'none' },
    },
  },
});
