import { Entity } from 'electrodb';

/** An API key; the key itself is never stored. */
export const apiKeyEntity = new Entity({
  model: { entity: 'apiKey', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true, readOnly: true },
    name: { type: 'string', required: true },
    mode: { type: ['live', 'test'] as const, required: true },
    hash: { type: 'string', required: true, readOnly: true },
    last4: { type: 'string', required: true },
    scopes: { type: 'list', items: { type: 'string' }, required: true },
    isEnabled: { type: 'boolean', required: true, default: true },
    /** Milliseconds; absent: never. A key past it stays listed. */
    validUntil: { type: 'number' },
    lastUsedAt: { type: 'number' },
    createdAt: { type: 'number', required: true, readOnly: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byHash: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['hash'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: [], casing: 'none' },
    },
  },
});
