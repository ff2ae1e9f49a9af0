import { Entity } from 'electrodb';

/** What became of one `Idempotency-Key` of an account on one route. */
export const idempotencyEntity = new Entity({
  model: { entity: 'idempotency', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    /** Route and SHA-256 of the key. */
    id: { type: 'string', required: true, readOnly: true },
    /** Fingerprint of the request, with the server's secret. */
    requestHash: { type: 'string', required: true },
    /** Whoever runs the request; only the owner may note its outcome. */
    owner: { type: 'string', required: true },
    /** Names what the request makes, a ULID; whoever takes over a dead owner's request goes on with it. */
    workId: { type: 'string' },
    /** Milliseconds; past it, an owner that has noted nothing is taken for dead. */
    leaseUntil: { type: 'number', required: true },
    /** JSON of the outcome, sealed; absent while the request runs. */
    outcome: { type: 'string' },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    byId: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
  },
});
