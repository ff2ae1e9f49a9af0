import { isAppError } from '@nebula/contract/errors';
import { database } from '../../../database.ts';
import { clock } from '../../../platform/clock.ts';
import { logger } from '../../../platform/logger.ts';
import { storeText } from '../../../platform/s3.ts';
import { findAccount } from '../../account/service.ts';
import { folderOf } from '../schema.ts';
import { type NewJob, type Submitter, writeEndedJob, writeJob } from '../submit.ts';
import { cancelJobRow, dueAt, readJob } from '../transitions.ts';
import { changed, finishBatch, readBatch, tellBatch } from './count.ts';
import { type BatchItem, type BatchRow, itemsOf, toolOf } from './schema.ts';

const maxErrors = 3;

/** An open batch is looked after so often, should whoever began it have died. */
export const lookMilliseconds = 20_000;

/**
 * Begins the jobs of a batch that are not there yet. It may be called by several at once and any
 * number of times: a job has its id beforehand, and is written once.
 */
export async function startItems(by: Submitter, batch: BatchRow): Promise<void> {
  // One after another: they all take their charge from the same row.
  const errors: unknown[] = [];
  for (const item of itemsOf(batch)) {
    await startItem(by, batch, item).catch((error: unknown) => errors.push(error));
    // One item does not hold up the others; several are a part that is down.
    if (errors.length >= maxErrors) break;
  }
  const now = await readBatch(batch);
  if (now?.isCanceled) await cancelItems(now);
  if (errors.length > 0) throw errors[0];
}

async function startItem(by: Submitter, batch: BatchRow, item: BatchItem): Promise<void> {
  const key = { accountId: batch.accountId, id: item.jobId };
  if (await readJob(key)) return;
  // Read after the job: whoever deletes one has noted it before.
  const now = await readBatch(batch);
  if (now?.status !== 'processing' || now.deleted?.includes(item.jobId)) return;
  const optionsKey = `${folderOf(key)}options.json`;
  const options = JSON.parse(batch.options) as Record<string, unknown>;
  const tool = toolOf(batch);
  const { filename, key: storedKey = '', size, type, url } = item;
  const isVisit = url !== undefined && tool.source.url === 'visit';
  await storeText(optionsKey, JSON.stringify(isVisit ? { ...options, url } : options));
  const job: NewJob = {
    id: item.jobId,
    optionsKey,
    tool: tool.id,
    toolUnits: tool.units,
    timeoutMs: batch.timeoutMs,
    inputs: isVisit ? [] : [{ key: storedKey, filename, size, type, url }],
    batchId: batch.id,
    tag: batch.tag,
    metadata: batch.metadata,
    keepSeconds: batch.keepSeconds,
    webhookUrl: batch.webhookUrl,
  };
  if (now.isCanceled) return writeEndedJob(by, job, { status: 'canceled' });
  try {
    await writeJob(by, job);
  } catch (error) {
    if (await readJob(key)) return;
    if (!isAppError(error) || error.code !== 'quota_exceeded') throw error;
    await writeEndedJob(by, job, { status: 'failed', error: JSON.stringify(error.toWire()) });
  }
}

/** Cancels the jobs of a batch that are not over. */
export async function cancelItems(batch: BatchRow): Promise<void> {
  for (const { jobId } of itemsOf(batch)) {
    const key = { accountId: batch.accountId, id: jobId };
    for (let row = await readJob(key); row && isOpen(row.status); row = await readJob(key))
      if (await cancelJobRow(row)) break;
  }
}

const isOpen = (status: string) => status === 'queued' || status === 'processing';

/**
 * Goes on where a process has died: jobs to begin or to cancel, an end to note, an end to tell.
 *
 * @returns when the next is due
 */
export async function sweepBatches(batchWatch: 'open' | 'ended'): Promise<number | undefined> {
  const rows = database().batch.query.byDueTime({ batchWatch });
  const { data: first } = await rows.go({ limit: 1 });
  const firstAt = first[0] && Number(first[0].dueAt);
  if (firstAt === undefined || firstAt > clock.now()) return firstAt;
  const { data } = await rows.lte({ dueAt: dueAt(clock.now()) }).go({ limit: 20 });
  for (const row of data) {
    if (!(await lookLater(row))) continue;
    const work = row.batchWatch === 'ended' ? tellBatch(row) : resume(row);
    await work.catch((error: unknown) =>
      logger().warn({ err: error, batch: row.id }, 'a batch did not go on'),
    );
  }
  return firstAt;
}

async function resume(batch: BatchRow): Promise<void> {
  const { accountId, capLimit, keyId, mode, requestId } = batch;
  const account = await findAccount(accountId);
  if (!account) return;
  const cap =
    keyId !== undefined && capLimit !== undefined
      ? { accountId, keyId, limit: capLimit }
      : undefined;
  await startItems({ account, requestId, keyId, mode, cap }, batch);
  await finishBatch(batch);
}

/** Of those who look at once, one goes on. */
function lookLater({ accountId, batchWatch, dueAt: due, id }: BatchRow) {
  return changed(() =>
    database()
      .batch.patch({ accountId, id })
      .set({ batchWatch, dueAt: dueAt(clock.now() + lookMilliseconds) })
      .where(
        ({ batchWatch: watch, dueAt: now }, { eq }) =>
          `${eq(watch, batchWatch)} AND ${eq(now, due)}`,
      )
      .go({ response: 'all_new' }),
  );
}
