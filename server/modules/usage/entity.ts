import { Entity } from 'electrodb';

/** Counters of one account, tool and period; a period is `day#2026-11-23` or `month#2026-11`. */
export const usageEntity = new Entity({
  model: { entity: 'usage', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    period: { type: 'string', required: true, readOnly: true },
    tool: { type: 'string', required: true, readOnly: true },
    calls: { type: 'number' },
    succeeded: { type: 'number' },
    failed: { type: 'number' },
    bytesIn: { type: 'number' },
    bytesOut: { type: 'number' },
    runMs: { type: 'number' },
  },
  indexes: {
    byPeriod: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['period', 'tool'], casing: 'none' },
    },
  },
});

/** Calls used in one 30-day cycle. */
export const quotaEntity = new Entity({
  model: { entity: 'quota', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    /** Milliseconds at which the cycle began, padded so that it sorts. */
    cycle: { type: 'string', required: true, readOnly: true },
    used: { type: 'number' },
  },
  indexes: {
    byCycle: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['cycle'], casing: 'none' },
    },
  },
});

/** Units that one key has used in one month, where it has a cap. */
export const keyUsageEntity = new Entity({
  model: { entity: 'keyUsage', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    keyId: { type: 'string', required: true, readOnly: true },
    /** `2026-11`, in UTC. */
    month: { type: 'string', required: true, readOnly: true },
    used: { type: 'number' },
  },
  indexes: {
    byKey: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['keyId', 'month'], casing: 'none' },
    },
  },
});

/** One line for each call; never a body. */
export const requestLogEntity = new Entity({
  model: { entity: 'requestLog', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    id: { type: 'string', required: true, readOnly: true },
    requestId: { type: 'string', required: true },
    keyId: { type: 'string' },
    tool: { type: 'string', required: true },
    status: { type: 'number', required: true },
    code: { type: 'string' },
    bytesIn: { type: 'number', required: true },
    bytesOut: { type: 'number', required: true },
    queueMs: { type: 'number' },
    runMs: { type: 'number' },
    totalMs: { type: 'number', required: true },
    createdAt: { type: 'number', required: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
  },
});
