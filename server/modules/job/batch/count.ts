import { plans } from '@nebula/contract/plans';
import { database } from '../../../database.ts';
import { clock } from '../../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../../platform/dynamo.ts';
import { newId } from '../../../platform/ids.ts';
import { logger } from '../../../platform/logger.ts';
import { writeTogether } from '../../../write-together.ts';
import { emitEvent } from '../../webhook/service.ts';
import type { JobRow } from '../schema.ts';
import { type BatchKey, type BatchRow, toPublicBatch } from './schema.ts';

/** So long whoever ended a batch has for telling of it. */
const tellMilliseconds = 5_000;

/** The row stays so long after the files of its jobs. */
const keptRowMilliseconds = 31 * 24 * 60 * 60 * 1000;

const due = (milliseconds: number) => String(milliseconds).padStart(15, '0');

/** The batch as it is now. */
export async function readBatch({ accountId, id }: BatchKey): Promise<BatchRow | undefined> {
  const { data } = await database().batch.get({ accountId, id }).go({ consistent: true });
  return data ?? undefined;
}

/**
 * Marks a job as told and counts it in its batch, both or neither: however often the end of a job
 * is told, and by whomever, it is counted once. False: it was counted before.
 */
export async function countEnd(row: JobRow, kept: { dueAt: string }): Promise<boolean> {
  const { accountId, batchId, id, status } = row;
  if (batchId === undefined) return false;
  const outcome = status === 'expired' ? 'succeeded' : status;
  if (outcome === 'queued' || outcome === 'processing') return false;
  return writeTogether(({ batch, job }) => [
    job
      .patch({ accountId, id })
      .set({ watch: 'kept', ...kept })
      .where(({ watch }, { eq }) => eq(watch, 'ended'))
      .commit(),
    batch
      .patch({ accountId, id: batchId })
      .add({ ended: 1, [outcome]: 1 })
      .commit(),
  ]);
}

/** Notes a job that is about to be removed; nobody begins those of a batch that is over. */
export async function noteDeleted(key: BatchKey, jobId: string): Promise<void> {
  await changed(() =>
    database()
      .batch.patch({ accountId: key.accountId, id: key.id })
      .add({ deleted: [jobId] })
      .where(({ status }, { eq }) => eq(status, 'processing'))
      .go({ response: 'all_new' }),
  );
}

/** Ends a batch whose jobs have all ended, and tells of it; anything else it leaves as it is. */
export async function finishBatch(key: BatchKey): Promise<void> {
  const row = await readBatch(key);
  if (row?.status !== 'processing' || row.ended < row.total) return;
  const finishedAt = clock.now();
  const { keepSeconds = Number.POSITIVE_INFINITY, plan } = row;
  const retainedUntil = finishedAt + Math.min(plans[plan].retentionSeconds, keepSeconds) * 1000;
  const ended = await changed(() =>
    database()
      .batch.patch({ accountId: row.accountId, id: row.id })
      .set({
        status: 'finished',
        finishedAt,
        retainedUntil,
        eventId: newId('msg'),
        batchWatch: 'ended',
        dueAt: due(finishedAt + tellMilliseconds),
        expiresAt: Math.ceil((retainedUntil + keptRowMilliseconds) / 1000),
      })
      .where(({ status }, { eq }) => eq(status, 'processing'))
      .go({ response: 'all_new' }),
  );
  if (!ended) return;
  await tellBatch(ended).catch((error: unknown) =>
    logger().warn({ err: error, batch: row.id }, 'no endpoint was told of a batch; it will be'),
  );
}

/** Tells the endpoints of the account; told again, it is the same event. */
export async function tellBatch(row: BatchRow): Promise<void> {
  const { accountId, eventId, id, webhookUrl: url } = row;
  if (row.batchWatch !== 'ended') return;
  await emitEvent(accountId, 'batch.finished', toPublicBatch(row), { eventId, url });
  await changed(() =>
    database()
      .batch.patch({ accountId, id })
      .set({ batchWatch: 'over', dueAt: row.dueAt })
      .where(({ batchWatch }, { eq }) => eq(batchWatch, 'ended'))
      .go({ response: 'all_new' }),
  );
}

/** A conditional write of a batch; undefined where its condition does not hold. */
export async function changed(
  write: () => Promise<{ data: unknown }>,
): Promise<BatchRow | undefined> {
  try {
    const { data } = await despiteConflicts(write);
    return data as BatchRow;
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}
