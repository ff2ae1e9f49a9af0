import { Entity } from 'electrodb';

/** An API key; the secret itself is never stored. */
export const apiKeyEntity = new Entity({
  model: { entity: 'apiKey', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true, readOnly: true },
    name: { type: 'string', required: true },
    mode: { type: ['live', 'test'] as const, required: true, readOnly: true },
    /** SHA-256 of the secret that is in force. */
    hash: { type: 'string', required: true },
    last4: { type: 'string', required: true },
    scopes: { type: 'list', items: { type: 'string' }, required: true },
    isEnabled: { type: 'boolean', required: true, default: true },
    /** Milliseconds; absent: never. A key past it stays listed. */
    validUntil: { type: 'number' },
    /** Addresses and ranges that may use the key; absent: all. */
    allowedAddresses: { type: 'list', items: { type: 'string' } },
    /** Its own limit within that of the plan. */
    requestsPerMinute: { type: 'number' },
    /** Units that it may use in a month (UTC), within the account's quota. */
    monthlyCap: { type: 'number' },
    /** The secrets before this one, the newest last, and until when each is accepted. */
    oldSecrets: {
      type: 'list',
      items: {
        type: 'map',
        properties: {
          hash: { type: 'string', required: true },
          /** Milliseconds. */
          validUntil: { type: 'number', required: true },
        },
      },
    },
    lastUsedAt: { type: 'number' },
    /** Set while its owner is to be told, at `warnAt` (milliseconds), that it is about to expire. */
    watch: { type: ['expiring'] as const },
    warnAt: { type: 'number' },
    createdAt: { type: 'number', required: true, readOnly: true },
    /** Goes up with every change, so that none is made to a row that was not the one looked at. */
    revision: { type: 'number', required: true, default: 0 },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byWarning: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['watch'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['warnAt'], casing: 'none' },
    },
  },
});

/**
 * Which key a secret belongs to; the key says whether it is accepted. A row of the table, not an
 * index: indexes lag behind, and a new secret must be known at once.
 */
export const keySecretEntity = new Entity({
  model: { entity: 'keySecret', version: '1', service: 'nebula' },
  attributes: {
    hash: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true, readOnly: true },
    keyId: { type: 'string', required: true, readOnly: true },
    /** Seconds; absent while no other secret has followed. DynamoDB removes the row some time after. */
    expiresAt: { type: 'number' },
  },
  indexes: {
    byHash: {
      pk: { field: 'pk', composite: ['hash'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
  },
});

/** How many keys an account has. */
export const keyCountEntity = new Entity({
  model: { entity: 'keyCount', version: '1', service: 'nebula' },
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
