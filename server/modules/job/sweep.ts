import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { logger } from '../../platform/logger.ts';
import { startLooker } from '../../platform/looker.ts';
import { enqueue, tendQueue } from '../../platform/queue.ts';
import { deleteFolder } from '../../platform/s3.ts';
import { lookMilliseconds, sweepBatches } from './batch/start.ts';
import { jobLookers, wakeJobLookers } from './lookers.ts';
import { folderOf, type JobRow } from './schema.ts';
import { enqueueMilliseconds, ticketOf } from './submit.ts';
import { tellNew } from './tell-endpoints.ts';
import { dueAt, expireJob, lookLater, postpone, tellEnd } from './transitions.ts';

/** Jobs that only a process which has died knew of. */
const openMilliseconds = 6_000;

/** The end of keeping lies hours ahead, and is seen in time. */
const keptMilliseconds = 30_000;

/** Looks after jobs and batches that nobody else looks after, from the database alone. */
export function startJobSweeper(): { stop: () => Promise<void> } {
  const lookers = [
    startLooker({ name: jobLookers.open, look: sweepOpen, idleMilliseconds: openMilliseconds }),
    startLooker({ name: jobLookers.ended, look: sweepEnded }),
    startLooker({ name: 'kept jobs', look: sweepKept, idleMilliseconds: keptMilliseconds }),
    ...(['open', 'ended'] as const).map((watch) =>
      startLooker({
        name: watch === 'open' ? jobLookers.openBatches : jobLookers.endedBatches,
        look: () => sweepBatches(watch),
        idleMilliseconds: lookMilliseconds,
      }),
    ),
  ];
  return {
    stop: async () => {
      await Promise.all(lookers.map(({ stop }) => stop()));
    },
  };
}

/** When the first job of a watch is due: most looks find none, and cost no more than this. */
async function firstDueAt(watch: 'open' | 'ended' | 'kept'): Promise<number | undefined> {
  const { data } = await database().job.query.byDueTime({ watch }).go({ limit: 1 });
  return data[0] && Number(data[0].dueAt);
}

/** Those that are due, the longest due first. */
async function findDue(watch: 'open' | 'ended' | 'kept', limit: number): Promise<JobRow[]> {
  const { data } = await database()
    .job.query.byDueTime({ watch })
    .lte({ dueAt: dueAt(clock.now()) })
    .go({ limit });
  return data;
}

/**
 * Brings back to the queue what it has lost: jobs that were never enqueued, and those whose worker
 * has died. A queue that was emptied is filled again at once, so it is looked at while a job is open.
 */
async function sweepOpen(): Promise<number | undefined> {
  const firstAt = await firstDueAt('open');
  if (firstAt === undefined) return undefined;
  wakeJobLookers();
  const isEmptied = await tendQueue();
  if (isEmptied) await bringBack(await findOpen());
  else if (firstAt <= clock.now()) await bringBack(await findDue('open', 500));
  return clock.now();
}

async function findOpen(): Promise<JobRow[]> {
  const { data } = await database().job.query.byDueTime({ watch: 'open' }).go({ pages: 'all' });
  return data;
}

async function bringBack(rows: JobRow[]): Promise<void> {
  const waiting = rows.filter((row) => row.leaseUntil < clock.now());
  await Promise.all(waiting.filter(isFirstLook).map(tellAgain));
  for (const own of byAccount(waiting).values()) {
    const [first] = own;
    if (first)
      await enqueue(
        ticketOf(first),
        own.map(({ id }) => id),
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
async function sweepEnded(): Promise<number | undefined> {
  const firstAt = await firstDueAt('ended');
  if (firstAt !== undefined && firstAt <= clock.now())
    await forEach(await findDue('ended', 100), tellEnd);
  return firstAt;
}

/** Removes the files of jobs whose time of keeping is over. */
async function sweepKept(): Promise<number | undefined> {
  const firstAt = await firstDueAt('kept');
  if (firstAt === undefined || firstAt > clock.now()) return firstAt;
  const due = await findDue('kept', 50);
  await forEach(due, async (row) => {
    await deleteFolder(folderOf(row));
    await expireJob(row);
  });
  if (due.length > 0) logger().info({ count: due.length }, 'files of old jobs were removed');
  return firstAt;
}
