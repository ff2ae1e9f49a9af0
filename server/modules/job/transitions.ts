import { publicErrorOf, type WireError } from '@nebula/contract/errors';
import { plans } from '@nebula/contract/plans';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../platform/dynamo.ts';
import { newId } from '../../platform/ids.ts';
import { logger } from '../../platform/logger.ts';
import { writeTogether } from '../../write-together.ts';
import { findAccount } from '../account/service.ts';
import { notifyAccount } from '../notification/service.ts';
import type { StoredRun } from '../tool-run/service.ts';
import { type Charge, returnCharge } from '../usage/service.ts';
import { countEnd, finishBatch } from './batch/count.ts';
import { announceJob, type JobEvent } from './events.ts';
import { wakeJobLookers } from './lookers.ts';
import { packRun, packRuns } from './packed-run.ts';
import type { JobKey, JobRow } from './schema.ts';
import { type StoredStep, stepRunsOf } from './steps-schema.ts';
import { tellEndpoints, tellNew } from './tell-endpoints.ts';
import { tellEnded } from './tell-live.ts';

/** A lease that is not renewed for so long is free: its holder is dead. */
export const leaseMilliseconds = 10_000;

/** A waiting job is looked after so often, should the queue have lost it. */
export const waitingMilliseconds = 30_000;

/** So long whoever ended a job has for telling of it. */
const tellMilliseconds = 5_000;

/** The row stays so long after its files, and says that they have expired. */
const keptRowMilliseconds = 30 * 24 * 60 * 60 * 1000;

const maxErrorLength = 20_000;

/** A moment as the index sorts it. */
export const dueAt = (milliseconds: number) => String(milliseconds).padStart(15, '0');

export const openAt = (milliseconds: number) =>
  ({ watch: 'open', dueAt: dueAt(milliseconds) }) as const;

/** The job as it is now, whoever has just written it. */
export async function readJob({ accountId, id }: JobKey): Promise<JobRow | undefined> {
  const { data } = await database().job.get({ accountId, id }).go({ consistent: true });
  return data ?? undefined;
}

/** Takes a job that nobody works on. Undefined: it is over, gone, or somebody else has it. */
export async function leaseJob({ accountId, id }: JobKey): Promise<JobRow | undefined> {
  const now = clock.now();
  const leaseUntil = now + leaseMilliseconds;
  return written(() =>
    database()
      .job.patch({ accountId, id })
      .set({ status: 'processing', leaseUntil, ...openAt(leaseUntil) })
      .add({ revision: 1, attempt: 1, fence: 1 })
      .data(({ startedAt }, { ifNotExists }) => ifNotExists(startedAt, now))
      .where(
        ({ leaseUntil: until, status }, { eq, lt }) =>
          `${eq(status, 'queued')} OR (${eq(status, 'processing')} AND ${lt(until, now)})`,
      )
      .go({ response: 'all_new' }),
  );
}

/** Renews a lease, with how far the work is. Undefined: it was lost, or the job was canceled. */
export function renewLease(held: JobRow, progress: JobRow['progress']) {
  const leaseUntil = clock.now() + leaseMilliseconds;
  return writtenByHolder(held, {
    leaseUntil,
    ...(progress ? { progress } : {}),
    ...openAt(leaseUntil),
  });
}

/**
 * Gives a lease back, for a later try; one that was not the job's fault is not counted. What its
 * holder has written before, and comes late, is refused from now on.
 */
export function returnLease(held: JobRow, { isCounted = true, delayMs = 0 } = {}) {
  const attempt = held.attempt - (isCounted ? 0 : 1);
  const change = { attempt, leaseUntil: 0, ...openAt(clock.now() + delayMs) };
  return writtenByHolder(held, change, { fence: 1 });
}

/**
 * Keeps what a step has made, and settles its charge. The tries are counted anew: the job has come
 * further. Undefined: it is no longer ours.
 */
export function finishStep(held: JobRow, step: StoredStep, run: StoredRun) {
  const stepRuns = packRuns({ ...stepRunsOf(held), [step.id]: run });
  const doneUnits = (held.doneUnits ?? 0) + run.units;
  return writtenByHolder(held, { stepRuns, doneUnits, attempt: 1 });
}

/**
 * Keeps what a job has made and settles its whole charge, whatever becomes of it. Undefined: it is no
 * longer ours.
 */
export function settleRun(held: JobRow, run: StoredRun) {
  return writtenByHolder(held, { run: packRun(run), doneUnits: run.units });
}

/** Ends a job with its outputs. False: it was no longer ours to end, and the outputs are nobody's. */
export async function succeedJob(held: JobRow, run: StoredRun): Promise<JobRow | undefined> {
  const set = ending(held);
  const change = { ...set, status: 'succeeded' as const, run: packRun(run) };
  const done = (await writtenByHolder(held, change)) ?? (await ownEnd(held));
  if (done) await announceEnd('succeeded', done);
  return done;
}

/** A write whose answer was lost is refused when it is repeated; the fence tells that it was ours. */
async function ownEnd(held: JobRow): Promise<JobRow | undefined> {
  const row = await readJob(held);
  return row?.status === 'succeeded' && row.fence === held.fence ? row : undefined;
}

/** Ends a job with an error and gives back what no step has used, both or neither. */
export async function failJob(held: JobRow, error: WireError): Promise<JobRow | undefined> {
  const text = JSON.stringify(error);
  const short = text.length > maxErrorLength ? JSON.stringify({ ...error, details: {} }) : text;
  return endWithoutCharge(held, { status: 'failed', error: short }, { fence: held.fence });
}

/** Ends a job that waits or runs and gives back what no step has used, both or neither. */
export function cancelJobRow(row: JobRow): Promise<JobRow | undefined> {
  return endWithoutCharge(row, { status: 'canceled' });
}

/** How a job ends that an equal run has done before: with copies of what that has made. */
type Success = { status: 'succeeded'; run: string; startedAt: number };

/** How a job ends without a success. */
export type End = { status: 'failed' | 'canceled'; error?: string };

/** Only by the holder of a lease where a fence is named. */
async function endWithoutCharge(
  row: JobRow,
  end: End,
  { fence }: { fence?: number } = {},
): Promise<JobRow | undefined> {
  const { accountId, id } = row;
  const set = ending(row);
  // An account that was deleted has no counters left to give back to.
  const charge = (await findAccount(accountId)) ? chargeOf(row) : undefined;
  const isWritten = await writeTogether(({ job, ...usage }) => [
    job
      .patch({ accountId, id })
      .set({ ...set, ...end })
      .add({ revision: 1 })
      .where(({ doneUnits, fence: held, status }, { eq, notExists }) => {
        // A step that has ended meanwhile is charged; who gives back has to count anew.
        const asRead =
          row.doneUnits === undefined ? notExists(doneUnits) : eq(doneUnits, row.doneUnits);
        const isOurs =
          fence === undefined
            ? `(${eq(status, 'queued')} OR ${eq(status, 'processing')})`
            : `${eq(status, 'processing')} AND ${eq(held, fence)}`;
        return `${isOurs} AND ${asRead}`;
      })
      .commit(),
    ...(charge ? returnCharge(usage, charge) : []),
  ]);
  if (!isWritten) return undefined;
  const ended = await readJob(row);
  if (ended) await announceEnd(end.status, ended);
  return ended;
}

/**
 * Writes a job that ends where it begins; nothing was charged for it. Whoever wrote it tells of its
 * end. Undefined: it was there before.
 */
export async function createEnded(row: NewRow, end: End | Success): Promise<JobRow | undefined> {
  const ended = { ...row, ...ending(row), ...end };
  wakeJobLookers();
  const isWritten = await writeTogether(({ job }) => [job.create(ended).commit()]);
  return isWritten ? ended : undefined;
}

type NewRow = Omit<JobRow, 'status'> & { status: 'queued' };

/** To those who look now, and to the endpoints of the account. */
export async function announceEnd(event: JobEvent, row: JobRow): Promise<void> {
  await announceJob(event, row);
  await tellEnd(row).catch((error: unknown) =>
    logger().warn({ err: error, job: row.id }, 'no endpoint was told of an end; the sweeper will'),
  );
}

/**
 * Writes what the pages and the endpoints of the account are to hear of a job's end, and marks the row
 * as told.
 * If the process dies in between, the sweeper calls it again, and the same event is written once.
 */
export async function tellEnd(row: JobRow): Promise<void> {
  const { accountId, batchId, id, retainedUntil, watch } = row;
  if (watch !== 'ended' || retainedUntil === undefined) return;
  // A repeat is over as soon as it is written.
  if (row.cache === 'hit') await tellNew(row);
  await Promise.all([tellEnded(row), tellEndpoints(row)]);
  // Last, since the inbox would count each try of the others.
  await tellOwner(row);
  const kept = { dueAt: dueAt(retainedUntil) };
  if (!(await countEnd(row, kept)))
    await written(() =>
      database()
        .job.patch({ accountId, id })
        .set({ watch: 'kept', ...kept })
        .where(({ watch: now }, { eq }) => eq(now, 'ended'))
        .go({ response: 'all_new' }),
    );
  if (batchId !== undefined) await finishBatch({ accountId, id: batchId });
}

/** In the inbox of the account, if it has chosen so. */
async function tellOwner({ accountId, id, status, tool }: JobRow): Promise<void> {
  if (status !== 'succeeded' && status !== 'failed') return;
  const hasFailed = status === 'failed';
  await notifyAccount(accountId, hasFailed ? 'job.failed' : 'job.finished', {
    title: hasFailed ? 'A job has failed' : 'A job has finished',
    text: `${tool}: ${id}`,
    link: `/dashboard/jobs/${id}`,
  });
}

/** What a job was charged and has not used; a test key is charged nothing. */
function chargeOf(row: JobRow): Charge | undefined {
  const { accountId, chargeCycle: cycle, chargeKeyId: keyId, chargeMonth: month } = row;
  const units = row.units - (row.doneUnits ?? 0);
  return cycle === undefined ? undefined : { accountId, units, cycle, keyId, month };
}

function ending({ keepSeconds = Number.POSITIVE_INFINITY, plan }: JobRow) {
  const finishedAt = clock.now();
  const keptSeconds = Math.min(plans[plan].retentionSeconds, keepSeconds);
  const retainedUntil = finishedAt + keptSeconds * 1000;
  return {
    finishedAt,
    retainedUntil,
    leaseUntil: 0,
    watch: 'ended' as const,
    dueAt: dueAt(finishedAt + tellMilliseconds),
    eventId: newId('msg'),
    expiresAt: Math.ceil((retainedUntil + keptRowMilliseconds) / 1000),
  };
}

/** Marks a job whose files have been removed; a failure stays a failure. */
export async function expireJob({ accountId, id, status, dueAt: due }: JobRow) {
  const change = status === 'succeeded' ? { status: 'expired' as const } : {};
  const row = await written(() =>
    database()
      .job.patch({ accountId, id })
      .set({ ...change, watch: 'over', dueAt: due })
      .add({ revision: 1 })
      .where(({ watch }, { eq }) => eq(watch, 'kept'))
      .go({ response: 'all_new' }),
  );
  if (row) await announceJob('expired', row);
}

/** Looks later at a row with which something went wrong: those behind it come first. */
export async function postpone({ accountId, id, watch }: JobRow): Promise<void> {
  await written(() =>
    database()
      .job.patch({ accountId, id })
      .set({ watch, dueAt: dueAt(clock.now() + waitingMilliseconds) })
      .where(({ watch: now }, { eq }) => eq(now, watch))
      .go({ response: 'all_new' }),
  );
}

/** Looks at a waiting job again later. */
export async function lookLater({ accountId, id, revision }: JobRow): Promise<void> {
  await written(() =>
    database()
      .job.patch({ accountId, id })
      .set(openAt(clock.now() + waitingMilliseconds))
      .where(({ revision: now }, { eq }) => eq(now, revision))
      .go({ response: 'all_new' }),
  );
}

type Change = Partial<
  Pick<
    JobRow,
    | 'attempt'
    | 'doneUnits'
    | 'dueAt'
    | 'eventId'
    | 'expiresAt'
    | 'finishedAt'
    | 'leaseUntil'
    | 'progress'
    | 'retainedUntil'
    | 'run'
    | 'status'
    | 'stepRuns'
    | 'watch'
  >
>;

function writtenByHolder(
  { accountId, fence, id }: JobRow,
  change: Change,
  more: { fence?: number } = {},
) {
  return written(() =>
    database()
      .job.patch({ accountId, id })
      .set(change)
      .add({ revision: 1, ...more })
      .where(
        ({ fence: held, status }, { eq }) => `${eq(held, fence)} AND ${eq(status, 'processing')}`,
      )
      .go({ response: 'all_new' }),
  );
}

async function written(write: () => Promise<{ data: unknown }>): Promise<JobRow | undefined> {
  try {
    const { data } = await despiteConflicts(write);
    return data as JobRow;
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}

/** Anything thrown as what a job may show of it. */
export function toWire(error: unknown): WireError {
  const known = publicErrorOf(error);
  return (
    known?.toWire() ?? {
      code: 'internal',
      message: 'Something went wrong on our side.',
      details: {},
    }
  );
}
