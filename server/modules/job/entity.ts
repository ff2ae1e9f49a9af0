import { cacheUses, jobStatuses } from '@nebula/contract/job';
import { planIds } from '@nebula/contract/plans';
import { Entity } from 'electrodb';

/**
 * A run that is done later. Every change is a conditional write that only moves it forward, and
 * adds one to `revision`.
 */
export const jobEntity = new Entity({
  model: { entity: 'job', version: '1', service: 'nebula' },
  attributes: {
    accountId: { type: 'string', required: true, readOnly: true },
    id: { type: 'string', required: true, readOnly: true },
    /** The request that asked for it. */
    requestId: { type: 'string', required: true, readOnly: true },
    keyId: { type: 'string', readOnly: true },
    mode: { type: ['live', 'test'] as const, required: true, readOnly: true },
    /** The plan at the time of the call: its limits hold to the end. */
    plan: { type: planIds, required: true, readOnly: true },
    tool: { type: 'string', required: true, readOnly: true },
    status: { type: jobStatuses, required: true },
    revision: { type: 'number', required: true },
    progress: {
      type: 'map',
      properties: {
        percent: { type: 'number', required: true },
        stage: { type: 'string', required: true },
        message: { type: 'string' },
        etaSeconds: { type: 'number' },
        fps: { type: 'number' },
        speed: { type: 'number' },
        pass: { type: 'number' },
      },
    },
    /** JSON of the input files: name, size, type, and key in the store. */
    inputs: { type: 'string', required: true, readOnly: true },
    /** Where the options lie; a document may be among them, which no row could hold. */
    optionsKey: { type: 'string', required: true, readOnly: true },
    timeoutMs: { type: 'number', required: true, readOnly: true },
    /** What a success has made, or a result that its address did not take, packed; see packed-run.ts. */
    run: { type: 'string' },
    /** JSON of the steps of a job that has several; see steps-schema.ts. */
    steps: { type: 'string', readOnly: true },
    /** What the steps that are done have made, packed; a later holder goes on behind them. */
    stepRuns: { type: 'string' },
    /** Units of what is done: they stay charged, whatever becomes of the rest. */
    doneUnits: { type: 'number' },
    /** JSON of the error that a failure ended with. */
    error: { type: 'string' },
    /** Times that the work was begun and not given back. */
    attempt: { type: 'number', required: true },
    /** Grows with each lease: what an older holder writes is refused. */
    fence: { type: 'number', required: true },
    /** Milliseconds; 0 while nobody works on it. */
    leaseUntil: { type: 'number', required: true },
    units: { type: 'number', required: true, readOnly: true },
    /** Where the units were taken from; they go back there. */
    chargeCycle: { type: 'string', readOnly: true },
    chargeKeyId: { type: 'string', readOnly: true },
    chargeMonth: { type: 'string', readOnly: true },
    /** Whether an equal run was looked for and found; absent: it was not looked for. */
    cache: { type: cacheUses, readOnly: true },
    /** The name under which its result is kept for equal calls. */
    repeatKey: { type: 'string', readOnly: true },
    /** The batch that it is an item of, and in which its end is counted. */
    batchId: { type: 'string', readOnly: true },
    tag: { type: 'string', readOnly: true },
    /** JSON of up to 20 pairs. */
    metadata: { type: 'string', readOnly: true },
    /** The job that this one tries again. */
    retryOf: { type: 'string', readOnly: true },
    /** Its files are to go earlier than the plan would have it, in seconds after the end. */
    keepSeconds: { type: 'number', readOnly: true },
    /** Told of this job beside the endpoints of the account. */
    webhookUrl: { type: 'string', readOnly: true },
    /** Takes the result by PUT. */
    putUrl: { type: 'string', readOnly: true },
    keepInput: { type: 'boolean', readOnly: true },
    /** Milliseconds, as all times here but the last. */
    createdAt: { type: 'number', required: true, readOnly: true },
    startedAt: { type: 'number' },
    finishedAt: { type: 'number' },
    /** When the files are removed. */
    retainedUntil: { type: 'number' },
    /**
     * Who looks after the row: `open` until its end, `ended` until its owner's endpoints have been
     * told, `kept` as long as its files, then `over`.
     */
    watch: { type: ['open', 'ended', 'kept', 'over'] as const, required: true },
    /** The event that tells of the end; whoever tells it again tells the same one. */
    eventId: { type: 'string' },
    /** When to look, in milliseconds, padded so that it sorts. */
    dueAt: { type: 'string', required: true },
    /** Seconds; DynamoDB removes the row some time after. Absent while the job is open. */
    expiresAt: { type: 'number' },
  },
  indexes: {
    byAccount: {
      pk: { field: 'pk', composite: ['accountId'], casing: 'none' },
      sk: { field: 'sk', composite: ['id'], casing: 'none' },
    },
    byDueTime: {
      index: 'gsi2',
      pk: { field: 'gsi2pk', composite: ['watch'], casing: 'none' },
      sk: { field: 'gsi2sk', composite: ['dueAt', 'id'], casing: 'none' },
    },
  },
});
