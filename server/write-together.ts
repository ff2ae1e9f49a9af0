import { AppError } from '@nebula/contract/errors';
import { database } from './database.ts';

type Write = ReturnType<typeof database>['transaction']['write'];
type Items = Parameters<Write>[0];

/** What else is written in a transaction of another module, or not at all. */
export type Beside = (entities: Parameters<Items>[0]) => ReturnType<Items>;

const maxAttempts = 20;

/** Why DynamoDB cancels what may be written a moment later. */
const passing = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

/**
 * Writes all items or none. Two transactions that meet at one row are no reason to refuse, nor is a
 * table that is asked for too much at once: that is tried again. False: a condition of an item does
 * not hold.
 *
 * @throws AppError `unavailable` where it does not pass
 */
export async function writeTogether(items: Items): Promise<boolean> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const { canceled, data } = await database().transaction.write(items).go();
    if (!canceled) return true;
    const codes = data.map((each) => (each as { code?: string } | null)?.code);
    if (codes.includes('ConditionalCheckFailed')) return false;
    if (!codes.some((code) => code && passing.includes(code)))
      throw new Error(`Not written: ${codes.join(', ')}`);
    // Apart in time, so that those who met do not meet again.
    await new Promise((resolve) =>
      setTimeout(resolve, Math.random() * 10 * 2 ** Math.min(attempt, 5)),
    );
  }
  const message = 'Too many changes at once. Try again in a moment.';
  throw new AppError('unavailable', message, { retryAfterSeconds: 1 });
}
