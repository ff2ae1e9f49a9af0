import { planIds } from '@nebula/contract/plans';
import { Entity } from 'electrodb';

/**
 * One tool for many inputs. Each input is an ordinary job, whose id is chosen here before it is
 * written, so that a beginning that broke off goes on without beginning anything twice.
 */
export const batchEntity = new Entity({
  model: { entity: 'batch', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    id: { type: 'string', required: true, readOnly: true },
    requestId: { type: 'string', required: true, readOnly: true },
    keyId: { type: 'string', readOnly: true },
    /** The limit that the key had of its own when it asked. */
    capLimit: { type: 'number', readOnly: true },
    mode: { type: ['live', 'test'] as const, required: true, readOnly: true },
    /** The plan at the time of the call. */
    plan: { type: planIds, required: true, readOnly: true },
    tool: { type: 'string', required: true, readOnly: true },
    /** JSON of the options of every job. */
    options: { type: 'string', required: true, readOnly: true },
    timeoutMs: { type: 'number', required: true, readOnly: true },
    /** JSON of the inputs, each with the id of its job. */
    items: { type: 'string', required: true, readOnly: true },
    tag: { type: 'string', readOnly: true },
    /** JSON of up to 20 pairs. */
    metadata: { type: 'string', readOnly: true },
    /** Its files are to go earlier than the plan would have it, in seconds after the end. */
    keepSeconds: { type: 'number', readOnly: true },
    /** Told of each of its jobs, and of its end. */
    webhookUrl: { type: 'string', readOnly: true },
    status: { type: ['processing', 'finished'] as const, required: true },
    isCanceled: { type: 'boolean' },
    /** Jobs that were deleted while the batch was open: they are not begun again. */
    deleted: { type: 'set', items: 'string' },
    total: { type: 'number', required: true, readOnly: true },
    /** Jobs that have ended, each counted in the write that marks it as told. */
    ended: { type: 'number', required: true },
    succeeded: { type: 'number', required: true },
    failed: { type: 'number', required: true },
    canceled: { type: 'number', required: true },
    /** Milliseconds, as the next two. */
    createdAt: { type: 'number', required: true, readOnly: true },
    finishedAt: { type: 'number' },
    retainedUntil: { type: 'number' },
    /** The event that tells of the end; whoever tells it again tells the same one. */
    eventId: { type: 'string' },
    /** `open` until all jobs have ended, `ended` until that was told, then `over`. */
    batchWatch: { type: ['open', 'ended', 'over'] as const, required: true },
    /** When to look, in milliseconds, padded so that it sorts. */
    dueAt: { type: 'string', required: true },
    /** Seconds; DynamoDB removes the row some time after. Absent while the batch is open. */
    expiresAt: { type: 'number' },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byDueTime: {
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['batchWatch'], casing: 'none' },
      sk: { field: 'gsi2sk', composite: ['dueAt', 'id'], casing: 'none' },
    },
  },
});
