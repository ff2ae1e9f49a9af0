import { DelayedError, Queue, Worker } from 'bullmq';
import { logger } from './logger.ts';
import { producerConnection, redis, workerConnection } from './redis.ts';

const name = 'jobs';

/** Short, so that what a killed worker held is soon free again. */
const lockMilliseconds = 10_000;

const laterMilliseconds = 500;

/** So long does a ticket wait behind those of larger plans. */
const agingMilliseconds = 60_000;

/**
 * The right of an account to have one more job worked on. A ticket names no job: its holder takes
 * the oldest one that waits. An account has as many tickets as it may have jobs at once, and each
 * goes to the end of the line after its turn, so accounts take turns however many jobs they have.
 */
export type Ticket = { accountId: string; slots: number; priority: number };

let queue: Queue<Ticket> | undefined;

function tickets(): Queue<Ticket> {
  if (queue) return queue;
  queue = new Queue<Ticket>(name, {
    // Adding fails at once while Redis is down: the row in the database is enough.
    connection: producerConnection(),
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  queue.on('error', (error) => logger().warn({ err: error }, 'the queue is not reachable'));
  return queue;
}

const waitingKey = (accountId: string) => `jobs:waiting:${accountId}`;
const accountsKey = 'jobs:waiting-accounts';
const epochKey = 'jobs:epoch';

/** Lets jobs of an account wait for their turn; said twice of the same one, it waits once. */
export async function enqueue(ticket: Ticket, jobIds: string[]): Promise<void> {
  const { accountId } = ticket;
  // Ids sort by time: equal scores are ordered by name.
  const members = jobIds.flatMap((id) => [0, id]);
  await redis().zadd(waitingKey(accountId), 'NX', ...members);
  await redis().hset(accountsKey, accountId, JSON.stringify(ticket));
  await offerTickets(ticket);
}

/** Jobs of an account that wait for their turn. */
export function countWaiting(accountId: string): Promise<number> {
  return redis().zcard(waitingKey(accountId));
}

/** Takes the oldest job that waits. */
export async function takeWaiting(accountId: string): Promise<string | undefined> {
  const [id] = await redis().zpopmin(waitingKey(accountId));
  return id;
}

/** A job that has ended waits for nothing. */
export async function dropWaiting(accountId: string, jobId: string): Promise<void> {
  await redis().zrem(waitingKey(accountId), jobId);
}

/** Puts as many tickets into the line as jobs wait, of those that are neither there nor in use. */
async function offerTickets(ticket: Ticket): Promise<void> {
  const { accountId, priority, slots } = ticket;
  const waiting = await countWaiting(accountId);
  if (waiting === 0) return;
  const ids = Array.from({ length: slots }, (_none, slot) => `${accountId}-${slot}`);
  const taken = await Promise.all(ids.map((id) => redis().exists(`bull:${name}:${id}`)));
  const free = ids.filter((_id, at) => taken[at] === 0).slice(0, waiting);
  const add = free.map((jobId) => ({ name: 'ticket', data: ticket, opts: { jobId, priority } }));
  if (add.length > 0) await tickets().addBulk(add);
}

/**
 * Offers tickets again to accounts that have jobs waiting, and lets long waiters of a small plan go
 * first. Answers true when Redis has forgotten everything since the last time.
 */
export async function tendQueue(): Promise<boolean> {
  const wasEmpty = (await redis().set(epochKey, String(Date.now()), 'NX')) === 'OK';
  const accounts = await redis().hgetall(accountsKey);
  for (const [accountId, text] of Object.entries(accounts)) {
    if ((await countWaiting(accountId)) > 0) await offerTickets(JSON.parse(text) as Ticket);
    else await redis().hdel(accountsKey, accountId);
  }
  for (const each of await tickets().getPrioritized(0, 99)) {
    if (Date.now() - each.timestamp > agingMilliseconds && each.priority > 1)
      await each.changePriority({ priority: 1 });
  }
  return wasEmpty;
}

/** What takes tickets; `stop` waits for those that are being worked on. */
export type TicketWorker = { stop: () => Promise<void> };

/** Takes tickets, so many at once. `work` never throws; `later`: nothing can be done just now. */
export function startTicketWorker(
  concurrency: number,
  work: (ticket: Ticket) => Promise<'done' | 'later'>,
): TicketWorker {
  const worker = new Worker<Ticket>(
    name,
    async (job, token) => {
      if ((await work(job.data)) === 'done') return;
      await job.moveToDelayed(Date.now() + laterMilliseconds, token);
      throw new DelayedError();
    },
    {
      connection: workerConnection(),
      concurrency,
      lockDuration: lockMilliseconds,
      stalledInterval: lockMilliseconds / 2,
      // A ticket is never worn out: attempts are counted by the job itself.
      maxStalledCount: 1_000_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    },
  );
  worker.on('error', (error) => logger().warn({ err: error }, 'the worker has lost its queue'));
  worker.on('completed', ({ data }) => {
    // After its turn a ticket goes to the end of the line, while there is work for it.
    offerTickets(data).catch((error: unknown) =>
      logger().warn({ err: error }, 'a ticket was not offered again; the sweeper will'),
    );
  });
  return { stop: () => worker.close() };
}
