import { Entity } from 'electrodb';
import { waitingAttributes, waitingIndexes } from '../../platform/waiting-row.ts';

/** An event that waits to be told; the row is gone when it was. */
export const realtimeEventEntity = new Entity({
  model: { entity: 'realtimeEvent', version: '1', service: 'nebula' },
  attributes: {
    ...waitingAttributes,
    /** Of `pusher:terminate`, the ends of connections: the sessions that they belong to. */
    channels: { type: 'list', items: { type: 'string' }, required: true, readOnly: true },
    event: { type: 'string', required: true, readOnly: true },
    /** JSON of ids and small facts, as it is sent. */
    data: { type: 'string', required: true, readOnly: true },
  },
  indexes: waitingIndexes,
});
