import { Entity } from 'electrodb';

/** A browser that shows what its account is notified of; it belongs to one account at a time. */
export const pushSubscriptionEntity = new Entity({
  model: { entity: 'pushSubscription', version: '1', service: 'nebula' },
  attributes: {
    /** Hash of the address: the same browser is the same row. */
    id: { type: 'string', required: true, readOnly: true },
    accountId: { type: 'string', required: true },
    /** The sign-in that asked for it: a browser that is signed out is told nothing more. */
    sessionId: { type: 'string', required: true },
    /** Where the push service takes messages for this browser, and the keys that only it can read with. */
    endpoint: { type: 'string', required: true },
    p256dh: { type: 'string', required: true },
    auth: { type: 'string', required: true },
    createdAt: { type: 'number', required: true },
  },
  indexes: {
    byId: {
      pk: { field: 'pk', composite: ['id'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
    byAccount: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['createdAt', 'id'], casing: 'none' },
    },
  },
});
