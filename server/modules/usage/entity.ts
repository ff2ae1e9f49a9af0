import { Entity } from 'electrodb';
import { latencyAttributes } from './latency.ts';

const counters = {
  calls: { type: 'number' },
  succeeded: { type: 'number' },
  failed: { type: 'number' },
  bytesIn: { type: 'number' },
  bytesOut: { type: 'number' },
  bytesSaved: { type: 'number' },
  runMs: { type: 'number' },
  ...latencyAttributes,
} as const;

/**
 * Counters of one account, period, tool and key; a period is `day#2026-11-23` or `month#2026-11`, and
 * `-` stands for a call without a key. What is asked by tool or by key alone is summed up when it is
 * read, so that a call costs no row for each of them.
 */
export const usageEntity = new Entity({
  model: { entity: 'usage', version: '2', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    period: { type: 'string', required: true, readOnly: true },
    tool: { type: 'string', required: true, readOnly: true },
    keyId: { type: 'string', required: true, readOnly: true },
    ...counters,
  },
  indexes: {
    byPeriod: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['period', 'tool', 'keyId'], casing: 'none' },
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
    /** Those of it that calls hold which still run; see meter.ts. */
    open: { type: 'set', items: 'string' },
  },
  indexes: {
    byCycle: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['cycle'], casing: 'none' },
    },
  },
});

/** Says that an account was told of a part of its quota; there is one for each part and cycle. */
export const usageAlertEntity = new Entity({
  model: { entity: 'usageAlert', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    cycle: { type: 'string', required: true, readOnly: true },
    /** Per cent. */
    threshold: { type: 'string', required: true, readOnly: true },
    state: { type: ['open', 'told'] as const, required: true },
    /** Milliseconds at which somebody has begun to tell it. */
    claimedAt: { type: 'number', required: true },
    eventId: { type: 'string', required: true, readOnly: true },
    used: { type: 'number', required: true, readOnly: true },
    limit: { type: 'number', required: true, readOnly: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true, readOnly: true },
  },
  indexes: {
    byCycle: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['cycle', 'threshold'], casing: 'none' },
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
    /** Those of it that calls hold which still run; see meter.ts. */
    open: { type: 'set', items: 'string' },
  },
  indexes: {
    byKey: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['keyId', 'month'], casing: 'none' },
    },
  },
});

/** One line for each call of a tool; never a body. */
export const requestLogEntity = new Entity({
  model: { entity: 'requestLog', version: '2', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    /** Sorts by the moment at which the call began. */
    id: { type: 'string', required: true, readOnly: true },
    requestId: { type: 'string', required: true },
    keyId: { type: 'string' },
    tool: { type: 'string', required: true },
    status: { type: 'number', required: true },
    statusClass: { type: ['2xx', '4xx', '5xx'] as const, required: true },
    code: { type: 'string' },
    bytesIn: { type: 'number', required: true },
    bytesOut: { type: 'number', required: true },
    queueMs: { type: 'number' },
    runMs: { type: 'number' },
    totalMs: { type: 'number', required: true },
    address: { type: 'string', required: true },
    createdAt: { type: 'number', required: true },
    /** Seconds; DynamoDB removes the row some time after. */
    expiresAt: { type: 'number', required: true },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byTool: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['accountId', 'tool'], casing: 'none' },
      sk: { field: 'gsi1sk', composite: ['id'], casing: 'none' },
    },
    byStatus: {
      index: 'gsi2',
      // Nearly all calls go well, and those are as quickly found without it.
      condition: ({ statusClass }) => statusClass !== '2xx',
      pk: { field: 'gsi2pk', composite: ['accountId', 'statusClass'], casing: 'none' },
      sk: { field: 'gsi2sk', composite: ['id'], casing: 'none' },
    },
  },
});
