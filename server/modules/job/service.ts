import { AppError } from '@nebula/contract/errors';
import { plans } from '@nebula/contract/plans';
import { type ToolId, tools } from '@nebula/contract/tools';
import { database } from '../../database.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import { dropWaiting } from '../../platform/queue.ts';
import { deleteFolder } from '../../platform/s3.ts';
import { fileTooLarge } from '../../platform/spool-source.ts';
import { openRun, type RunContext, timeLimitOf } from '../tool-run/service.ts';
import { noteDeleted } from './batch/count.ts';
import { unpackRun } from './packed-run.ts';
import { submitterOf } from './run-later.ts';
import { folderOf, hasOutputs, inputsOf, isOver, type JobKey, type JobRow } from './schema.ts';
import { stepsOf } from './steps-schema.ts';
import { submitAgain } from './submit.ts';
import { assertScopes } from './submit-steps.ts';
import { cancelJobRow, readJob, tellEnd } from './transitions.ts';

export { followJob, stopFollowing, waitForEnd } from './await-job.ts';
export { cancelBatch, describeBatch, listBatches } from './batch/service.ts';
export { streamEvents } from './event-stream.ts';
export { announceJob, type JobEvent, onJobEvent } from './events.ts';
export { callInputOf, type JobNames, splitCall } from './named-schema.ts';
export { readOptions } from './options.ts';
export { listPipelines } from './pipeline/service.ts';
export { runToolLater } from './run-later.ts';
export { type JobKey, type JobRow, toPublicJob } from './schema.ts';
export { removeResults, strayRound } from './strays.ts';
export { type Submitter, submitJob } from './submit.ts';
export { submitSteps } from './submit-steps.ts';
export { startJobWorker } from './worker.ts';

const maxRaces = 5;

/**
 * A job of an account.
 *
 * @throws AppError `not_found` for one that is missing or belongs to somebody else
 */
export async function findJob(key: JobKey): Promise<JobRow> {
  const row = await readJob(key);
  if (!row) throw new AppError('not_found', 'There is no such job.');
  return row;
}

type Page = { rows: JobRow[]; nextCursor?: string };

/** The newest jobs of an account, from where a cursor says. */
export async function listJobs(
  accountId: string,
  {
    cursor,
    limit,
    status,
    tool,
  }: { cursor?: string; limit: number; status?: JobRow['status']; tool?: string },
): Promise<Page> {
  const list = `jobs:${accountId}:${status ?? ''}:${tool ?? ''}`;
  const all = database().job.query.byAccount({ accountId });
  const query = cursor === undefined ? all : all.lt({ id: readCursor(list, cursor) });
  const { data } = await query
    .where((job, { eq }) =>
      [...(status ? [eq(job.status, status)] : []), ...(tool ? [eq(job.tool, tool)] : [])].join(
        ' AND ',
      ),
    )
    .go({ order: 'desc', count: limit + 1 });
  const rows = data.slice(0, limit);
  const last = rows.at(-1);
  return { rows, nextCursor: last && data.length > limit ? signCursor(list, last.id) : undefined };
}

/** Ends a job that waits or runs, at once and free; one that is canceled already stays it. */
export async function cancelJob(key: JobKey): Promise<JobRow> {
  for (let races = 0; races < maxRaces; races++) {
    const row = await findJob(key);
    if (row.status === 'canceled') return row;
    if (isOver(row)) throw wrongState(row, 'Only a job that waits or runs can be canceled.');
    const canceled = await cancelJobRow(row);
    if (!canceled) continue;
    await dropWaiting(key.accountId, key.id).catch(() => {});
    return canceled;
  }
  throw new AppError('conflict', 'The job is changing. Try again in a moment.');
}

/**
 * Begins anew what has failed or was canceled: a new job, charged as such, for whoever may begin it
 * today.
 */
export async function retryJob(ctx: RunContext, id: string): Promise<JobRow> {
  const row = await findJob({ accountId: ctx.actor.account.id, id });
  if (row.status !== 'failed' && row.status !== 'canceled')
    throw wrongState(row, 'Only a job that has failed or was canceled can be retried.');
  if (row.watch === 'over') throw new AppError('gone', 'The inputs of the job were removed.');
  assertMayRetry(ctx, row);
  return submitAgain(submitterOf(ctx), row, tools[row.tool as ToolId]);
}

/** What was accepted under another key or plan is held to the scopes and limits of now. */
function assertMayRetry({ actor }: RunContext, row: JobRow): void {
  const plan = plans[actor.account.plan];
  const runs = row.steps === undefined ? [row] : stepsOf(row);
  assertScopes(
    actor,
    runs.map(({ tool }) => tool),
  );
  for (const { timeoutMs } of runs) timeLimitOf(plan, { timeout_seconds: timeoutMs / 1000 });
  for (const [at, { size }] of inputsOf(row).entries())
    if (size > plan.maxInputBytes) throw fileTooLarge(plan, `input.files.${at}`);
}

/** Removes a job and all its files; one that is not over is canceled first. */
export async function deleteJob(key: JobKey): Promise<void> {
  const row = await findJob(key);
  const ended = isOver(row) ? row : await cancelJob(key);
  // A batch counts its jobs as they are told of; one that is gone would never be.
  await tellEnd(ended);
  const { batchId } = ended;
  if (batchId !== undefined) await noteDeleted({ accountId: key.accountId, id: batchId }, key.id);
  // The row goes last: while it is there, the call can be repeated.
  await deleteFolder(folderOf(key));
  await database().job.delete({ accountId: key.accountId, id: key.id }).go();
}

/** The outputs of a job that has succeeded, each to be read from the store. */
export async function openOutputs(key: JobKey) {
  const row = await findJob(key);
  if (row.status === 'expired')
    throw new AppError('gone', 'The files of the job were removed when their time was over.');
  if (row.run === undefined || !hasOutputs(row))
    throw wrongState(row, 'Only a job that has succeeded has files.');
  return openRun(unpackRun(row.run));
}

function wrongState({ status }: JobRow, message: string): AppError {
  return new AppError('conflict', `${message} This one is ${status}.`, { extra: { job: status } });
}
