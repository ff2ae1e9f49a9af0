import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { enqueue, tendQueue } from '../../platform/queue.ts';
import { deleteFolder } from '../../platform/s3.ts';
import { sweepBatches } from './batch/start.ts';
import { folderOf, type JobRow } from './schema.ts';
import { enqueueMilliseconds, ticketOf } from './submit.ts';
import { tellNew } from './tell-endpoints.ts';
import { dueAt, expireJob, lookLater, postpone, tellEnd } from './transitions.ts';

/**
 * Brings back to the queue what it has lost, from the database alone: jobs that were never enqueued,
 * and those whose worker has died. A queue that was emptied is filled again at once.
 */
export async function sweepJobs(): Promise<void> {
  await Promise.all([sweepOpen(), sweepEnded(), sweepKept(), sweepBatches()]);
}

async function sweepOpen(): Promise<void> {
  const isEmptied = await tendQueue();
  const due = database().job.query.byDueTime({ watch: 'open' });
  const { data } = await (isEmptied
    ? due.go({ pages: 'all' })
    : due.lte({ dueAt: dueAt(clock.now()) }).go({ limit: 500 }));
  const waiting = data.filter((row) => row.leaseUntil < clock.now());
  await Promise.all(waiting.filter(isFirstLook).map(tellAgain));
  for (const rows of byAccount(waiting).values()) {
    const [first] = rows;
    if (first)
      await enqueue(
        ticketOf(first),
        rows.map(({ id }) => id),
      );
  }
  await Promise.all(waiting.map(lookLater));
}

/** Nobody has looked at it since it was written. */
const isFirstLook = ({ createdAt, dueAt: due }: JobRow) =>
  due === dueAt(createdAt + enqueueMilliseconds);

/** Its process may have died before it told of the job; where it did not, this is the same event. */
async function tellAgain(row: JobRow): Promise<void> {
  await tellNew(row).catch((error: unknown) =>
    logger().warn({ err: error, job: row.id }, 'no endpoint was told of a new job'),
  );
}

function byAccount(rows: JobRow[]): Map<string, JobRow[]> {
  const found = new Map<string, JobRow[]>();
  for (const row of rows) found.set(row.accountId, [...(found.get(row.accountId) ?? []), row]);
  return found;
}

/** Whatever is wrong with one row, the others have their turn. */
async function forEach(rows: JobRow[], work: (row: JobRow) => Promise<void>): Promise<void> {
  for (const row of rows) {
    try {
      await work(row);
    } catch (error) {
      logger().warn({ err: error, job: row.id, watch: row.watch }, 'a job is looked after later');
      await postpone(row);
    }
  }
}

/** Tells of the ends that nobody has told of: their process died a moment too early. */
async function sweepEnded(): Promise<void> {
  const { data } = await database()
    .job.query.byDueTime({ watch: 'ended' })
    .lte({ dueAt: dueAt(clock.now()) })
    .go({ limit: 100 });
  await forEach(data, tellEnd);
}

/** Removes the files of jobs whose time of keeping is over. */
async function sweepKept(): Promise<void> {
  const { data } = await database()
    .job.query.byDueTime({ watch: 'kept' })
    .lte({ dueAt: dueAt(clock.now()) })
    .go({ limit: 50 });
  await forEach(data, async (row) => {
    await deleteFolder(folderOf(row));
    await expireJob(row);
  });
  if (data.length > 0) logger().info({ count: data.length }, 'files of old jobs were removed');
}
