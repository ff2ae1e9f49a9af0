import { Entity } from 'electrodb';

/** An event that waits to be told; the row is gone when it was. */
export const realtimeEventEntity = new Entity({
  model: { entity: 'realtimeEvent', version: '1', service: 'nebula' },
  attributes: {
    id: { type: 'string', required: true, readOnly: true },
    /** Always the same: one list of all that waits, sorted by when it is due. */
    queue: { type: ['pending'] as const, required: true, default: 'pending' },
    channels: { type: 'list', items: { type: 'string' }, required: true, readOnly: true },
    event: { type: 'string', required: true, readOnly: true },
    /** JSON of ids and small facts, as it is sent. */
    data: { type: 'string', required: true, readOnly: true },
    attempts: { type: 'number', required: true, default: 0 },
    /** Milliseconds as 13 digits; whoever sends it moves this ahead first. */
    dueAt: { type: 'string', required: true },
    /** Seconds; by then every page has looked at the API again by itself. */
    expiresAt: { type: 'number', required: true, readOnly: true },
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
