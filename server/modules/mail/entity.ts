import { Entity } from 'electrodb';

/** A mail that waits to be sent; the row is gone when it was. */
export const outboxMailEntity = new Entity({
  model: { entity: 'outboxMail', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    /** Always the same: one list of all that waits, sorted by when it is due. */
    queue: { type: ['pending'] as const, required: true, default: 'pending' },
    /** Address, template and facts, sealed: a link in a mail is as good as a password. */
    content: { type: 'string', required: true, readOnly: true },
    attempts: { type: 'number', required: true, default: 0 },
    /** Milliseconds as 13 digits; whoever sends it moves this ahead first. */
    dueAt: { type: 'string', required: true },
    createdAt: { type: 'number', required: true, readOnly: true },
    /** Seconds; a mail that nobody could send in three days is given up. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    byId: {
      pk: { field: 'pk', composite: ['id'], casing: 'none' },
      sk: { field: 'sk', composite: [], casing: 'none' },
    },
    due: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['queue'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['dueAt', 'id'], casing: 'none' },
    },
  },
});
