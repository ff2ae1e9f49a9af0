import { setTimeout as delay } from 'node:timers/promises';
import { logger } from '../../platform/logger.ts';
import { reachMediaService } from '../../platform/media-service.ts';
import { startTicketWorker, type Ticket, takeWaiting } from '../../platform/queue.ts';
import { wakeJobLookers } from './lookers.ts';
import { startJobSweeper } from './sweep.ts';
import { countRunning, stopRunning, untilIdle, workOn } from './work.ts';

/** After this, at the end of the process, jobs are given back to others. */
const finishMilliseconds = 15_000;
const giveBackMilliseconds = 5_000;

/** Works on jobs in this process until it is stopped. */
export function startJobWorker(concurrency: number): { stop: () => Promise<void> } {
  let isStopping = false;
  const tickets = startTicketWorker(concurrency, (ticket) =>
    isStopping ? Promise.resolve('later') : spendTicket(ticket),
  );
  const sweeper = startJobSweeper();
  return {
    stop: async () => {
      isStopping = true;
      const closed = Promise.all([tickets.stop(), sweeper.stop()]);
      await untilIdle(finishMilliseconds);
      stopRunning();
      await untilIdle(giveBackMilliseconds);
      await Promise.race([closed, delay(giveBackMilliseconds)]);
    },
  };
}

/** One turn of an account: its oldest job that waits. */
async function spendTicket(ticket: Ticket): Promise<'done' | 'later'> {
  const { accountId, slots } = ticket;
  wakeJobLookers();
  try {
    // Tickets alone would do, but for a queue that was emptied while jobs ran.
    if (countRunning(accountId) >= slots) return 'later';
    await reachMediaService(AbortSignal.timeout(2_000));
  } catch {
    return 'later';
  }
  try {
    const id = await takeWaiting(accountId);
    if (id !== undefined) await workOn({ accountId, id });
  } catch (error) {
    logger().warn({ err: error }, 'a ticket was not used');
  }
  return 'done';
}
