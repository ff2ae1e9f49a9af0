import { Entity } from 'electrodb';

/** Steps that an account has saved under a name. */
export const pipelineEntity = new Entity({
  model: { entity: 'pipeline', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    id: { type: 'string', required: true, readOnly: true },
    name: { type: 'string', required: true },
    /** JSON, as they were sent. */
    steps: { type: 'string', required: true },
    /** Milliseconds, as the next. */
    createdAt: { type: 'number', required: true, readOnly: true },
    updatedAt: { type: 'number', required: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
  },
});
