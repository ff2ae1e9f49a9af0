import { Entity } from 'electrodb';

/** What was changed by whom. Rows are only ever added: nothing in them can be written twice. */
export const auditEventEntity = new Entity({
  model: { entity: 'auditEvent', version: '1', service: 'nebula' },
  attributes: {
    /** The account that the change belongs to; not always the one that made it. */
    accountId: { type: 'string', required: true, readOnly: true },
    id: { type: 'string', required: true, readOnly: true },
    /** `2026-11`: what admins list by. */
    month: { type: 'string', required: true, readOnly: true },
    action: { type: 'string', required: true, readOnly: true },
    actorKind: { type: 'string', required: true, readOnly: true },
    actorAccountId: { type: 'string', readOnly: true },
    actorKeyId: { type: 'string', readOnly: true },
    targetType: { type: 'string', required: true, readOnly: true },
    targetId: { type: 'string', required: true, readOnly: true },
    address: { type: 'string', readOnly: true },
    userAgent: { type: 'string', readOnly: true },
    requestId: { type: 'string', readOnly: true },
    /** JSON of the fields that changed. */
    before: { type: 'string', readOnly: true },
    after: { type: 'string', readOnly: true },
    createdAt: { type: 'number', required: true, readOnly: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true, readOnly: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byMonth: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['month'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['id'], casing: 'none' },
    },
  },
});
