import { setTimeout as delay } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { logger } from './logger.ts';
import { createPatientRedis } from './redis.ts';

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
 * stands in the rows of the database, so a round that comes late or twice does no harm. Each has a
 * queue of its own: processes with different settings know different rounds.
 *
 * @example
 * const rounds = startRounds([{ name: 'files', everyMilliseconds: 10_000, work: sweepFiles }]);
 */
export function startRounds(
  rounds: readonly Round[],
  prefix = 'rounds',
): { stop: () => Promise<void> } {
  const connection = createPatientRedis();
  const started = rounds.map((round) => startRound(round, `${prefix}-${round.name}`, connection));
  return {
    stop: async () => {
      // Without Redis they cannot say goodbye.
      const stopped = Promise.all(started.map(({ stop }) => stop()));
      await Promise.race([stopped, delay(closeMilliseconds)]);
      connection.disconnect();
    },
  };
}

function startRound(
  { everyMilliseconds, name, work }: Round,
  queueName: string,
  connection: Redis,
) {
  let isStopping = false;
  let isPlanning = false;
  const queue = new Queue(queueName, { connection });
  const opts = { removeOnComplete: true, removeOnFail: true };
  const plan = async () => {
    // Without Redis it waits.
    if (isPlanning) return;
    isPlanning = true;
    await queue
      .upsertJobScheduler(name, { every: everyMilliseconds }, { name, opts })
      .catch((error: unknown) =>
        logger().warn({ err: error, round: name }, 'a round was not planned'),
      );
    isPlanning = false;
  };
  const worker = new Worker(
    queueName,
    async () => {
      while (!isStopping && (await work().catch(reportFailure(name))));
    },
    {
      connection,
      lockDuration: lockMilliseconds,
      stalledInterval: lockMilliseconds / 2,
      maxStalledCount: 1_000_000,
    },
  );
  const report = (error: Error) =>
    logger().warn({ err: error, round: name }, 'a round is not reachable');
  queue.on('error', report);
  worker.on('error', report);
  void plan();
  const timer = setInterval(plan, planMilliseconds);
  return {
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await Promise.all([queue.close(), worker.close()]);
    },
  };
}

/** One that fails comes again in its time. */
const reportFailure = (round: string) => (error: unknown) => {
  logger().warn({ err: error, round }, 'a round was not ended');
  return false;
};
