import type { BatchWithItems } from '@nebula/contract/batch';
import { AppError } from '@nebula/contract/errors';
import { database } from '../../../database.ts';
import { readCursor, signCursor } from '../../../platform/cursor.ts';
import { openRun, type ToolRun } from '../../tool-run/service.ts';
import { unpackRun } from '../packed-run.ts';
import { type JobRow, toPublicJob } from '../schema.ts';
import { changed, finishBatch, readBatch } from './count.ts';
import { type BatchItem, type BatchKey, type BatchRow, itemsOf, toPublicBatch } from './schema.ts';
import { cancelItems } from './start.ts';

/**
 * A batch of an account.
 *
 * @throws AppError `not_found` for one that is missing or belongs to somebody else
 */
export async function findBatch(key: BatchKey): Promise<BatchRow> {
  const row = await readBatch(key);
  if (!row) throw new AppError('not_found', 'There is no such batch.');
  return row;
}

/** The newest batches of an account, from where a cursor says. */
export async function listBatches(
  accountId: string,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<{ rows: BatchRow[]; nextCursor?: string }> {
  const list = `batches:${accountId}`;
  const all = database().batch.query.byAccount({ accountId });
  const query = cursor === undefined ? all : all.lt({ id: readCursor(list, cursor) });
  const { data } = await query.go({ order: 'desc', count: limit + 1 });
  const rows = data.slice(0, limit);
  const last = rows.at(-1);
  return { rows, nextCursor: last && data.length > limit ? signCursor(list, last.id) : undefined };
}

/** A batch with what has become of each input. */
export async function describeBatch(row: BatchRow): Promise<BatchWithItems> {
  const jobs = await jobsOf(row);
  const describe = (item: BatchItem, index: number) =>
    describeItem(row, { item, index, job: jobs.get(item.jobId) });
  return { ...toPublicBatch(row), items: await Promise.all(itemsOf(row).map(describe)) };
}

async function describeItem(
  batch: BatchRow,
  { index, item, job }: { item: BatchItem; index: number; job?: JobRow },
): Promise<BatchWithItems['items'][number]> {
  const { fileId = null, filename, jobId, url = null } = item;
  const sent = job && (await toPublicJob(job));
  // Before its turn has come there is no job yet; after the end there is none any more.
  const isDeleted = batch.status === 'finished' || batch.deleted?.includes(jobId);
  return {
    index,
    job_id: jobId,
    input: { filename, file_id: fileId, url },
    status: sent?.status ?? (isDeleted ? 'deleted' : 'queued'),
    error: sent?.error ?? null,
    files: sent?.files ?? [],
  };
}

async function jobsOf(row: BatchRow): Promise<Map<string, JobRow>> {
  const { accountId } = row;
  const keys = itemsOf(row).map(({ jobId }) => ({ accountId, id: jobId }));
  const { data, unprocessed } = await database().job.get(keys).go({ consistent: true });
  const rest = unprocessed.length > 0 ? await database().job.get(unprocessed).go() : { data: [] };
  return new Map([...data, ...rest.data].map((job) => [job.id, job]));
}

/** Cancels what has not ended; each job that has not run gives its call back. */
export async function cancelBatch(key: BatchKey): Promise<BatchRow> {
  const row = await findBatch(key);
  if (row.status === 'finished' && row.isCanceled) return row;
  const marked = await changed(() =>
    database()
      .batch.patch({ accountId: row.accountId, id: row.id })
      .set({ isCanceled: true })
      .where(({ status }, { eq }) => eq(status, 'processing'))
      .go({ response: 'all_new' }),
  );
  if (!marked) throw new AppError('conflict', 'Only a batch that is at work can be canceled.');
  await cancelItems(marked);
  await finishBatch(key);
  return findBatch(key);
}

/** The outputs of all jobs of a batch that have succeeded, as those of one run. */
export async function openBatch(key: BatchKey): Promise<ToolRun> {
  const row = await findBatch(key);
  if (row.status !== 'finished')
    throw new AppError('conflict', 'The batch is at work; its ZIP comes with the end.');
  const jobs = await jobsOf(row);
  const runs: ToolRun[] = [];
  for (const { jobId } of itemsOf(row)) {
    const job = jobs.get(jobId);
    if (job?.status === 'succeeded' && job.run !== undefined)
      runs.push(await openRun(unpackRun(job.run)));
  }
  const [first] = runs;
  if (first) return joined(first, runs);
  if (row.succeeded > 0)
    throw new AppError('gone', 'The files of the batch were removed when their time was over.');
  throw new AppError('conflict', 'No job of the batch has succeeded, so there are no files.');
}

function joined(first: ToolRun, runs: ToolRun[]): ToolRun {
  const sum = (read: (run: ToolRun) => number) => runs.reduce((all, run) => all + read(run), 0);
  const timing = {
    queue_ms: sum(({ result }) => result.timing.queue_ms),
    run_ms: sum(({ result }) => result.timing.run_ms),
  };
  const warnings = runs.flatMap(({ result }) => result.warnings);
  return {
    units: sum(({ units }) => units),
    files: runs.flatMap(({ files }) => files),
    result: { ...first.result, timing, warnings },
  };
}
