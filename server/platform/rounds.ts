import { setTimeout as delay } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { logger } from './logger.ts';
import { producerConnection, workerConnection } from './redis.ts';

/** Something to be looked after again and again, by one process at a time. */
export type Round = {
  name: string;
  everyMilliseconds: number;
  /** Does what is due. @returns whether there is more to do at once */
  work: () => Promise<boolean>;
};

/** A Redis that has forgotten the schedules, or was away, hears of them again. */
const planMilliseconds = 10_000;

/** Short, so that a round of a killed process is soon taken over. */
const lockMilliseconds = 30_000;

const closeMilliseconds = 5_000;

/**
 * Has BullMQ call each round in its time, in one process of all that have started it. What is due
 * stands in the rows of the database, so a round that comes late or twice does no harm.
 *
 * @example
 * const rounds = startRounds([{ name: 'files', everyMilliseconds: 5_000, work: sweepFiles }]);
 */
export function startRounds(
  rounds: readonly Round[],
  queueName = 'rounds',
): { stop: () => Promise<void> } {
  let isStopping = false;
  const queue = new Queue(queueName, { connection: producerConnection() });
  const plan = () =>
    Promise.all(
      rounds.map(({ everyMilliseconds, name }) => {
        const opts = { removeOnComplete: true, removeOnFail: true };
        return queue.upsertJobScheduler(name, { every: everyMilliseconds }, { name, opts });
      }),
    ).catch((error: unknown) => logger().warn({ err: error }, 'rounds were not planned'));
  const worker = new Worker(
    queueName,
    async (job) => {
      const round = rounds.find((each) => each.name === job.name);
      while (!isStopping && (await round?.work().catch(reportFailure(job.name))));
    },
    {
      connection: workerConnection(),
      concurrency: rounds.length,
      lockDuration: lockMilliseconds,
      stalledInterval: lockMilliseconds / 2,
      maxStalledCount: 1_000_000,
    },
  );
  const report = (error: Error) => logger().warn({ err: error }, 'rounds are not reachable');
  queue.on('error', report);
  worker.on('error', report);
  void plan();
  const timer = setInterval(plan, planMilliseconds);
  return {
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      // Without Redis it cannot say goodbye.
      await Promise.race([Promise.all([queue.close(), worker.close()]), delay(closeMilliseconds)]);
    },
  };
}

/** One that fails comes again in its time. */
const reportFailure = (round: string) => (error: unknown) => {
  logger().warn({ err: error, round }, 'a round was not ended');
  return false;
};
