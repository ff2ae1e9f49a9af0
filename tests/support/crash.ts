import { dynamo } from '#server/platform/dynamo.ts';
import { s3 } from '#server/platform/s3.ts';

let writesLeft = Number.POSITIVE_INFINITY;
let isDead = false;

const isWrite = (name: string) => /^(Put|Update|Delete|BatchWrite|TransactWrite)/.test(name);

// What a process that was killed has written stays, and it reads and writes no more.
dynamo().middlewareStack.add(
  (next, { commandName = '' }) =>
    async (args) => {
      const isCounted = isWrite(commandName);
      if (isCounted && writesLeft <= 0) isDead = true;
      assertAlive();
      const output = await next(args);
      if (isCounted) writesLeft -= 1;
      if (isCounted && writesLeft <= 0) isDead = true;
      return output;
    },
  { step: 'initialize', name: 'crash' },
);

s3().middlewareStack.add(
  (next) => (args) => {
    assertAlive();
    return next(args);
  },
  { step: 'initialize', name: 'crash' },
);

function assertAlive(): void {
  if (isDead) throw new Error('this process was killed');
}

/**
 * Does something in this process as if it were killed after so many writes to the database;
 * after none, it is killed before its first one.
 *
 * @returns whether it came so far
 */
export async function dieAfter(writes: number, work: () => Promise<unknown>): Promise<boolean> {
  writesLeft = writes;
  try {
    await work();
  } catch (error) {
    if (!isDead) throw error;
  } finally {
    writesLeft = Number.POSITIVE_INFINITY;
  }
  const wasKilled = isDead;
  isDead = false;
  return wasKilled;
}
