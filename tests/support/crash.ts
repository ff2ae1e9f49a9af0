import { dynamo } from '#server/platform/dynamo.ts';

let writesLeft = Number.POSITIVE_INFINITY;
let isDead = false;

const isWrite = (name: string) => /^(Put|Update|Delete|BatchWrite|TransactWrite)/.test(name);

// What a process that was killed has written stays, and it reads and writes no more.
dynamo().middlewareStack.add(
  (next, { commandName = '' }) =>
    async (args) => {
      if (isDead) throw new Error('this process was killed');
      const output = await next(args);
      if (isWrite(commandName)) writesLeft -= 1;
      isDead = writesLeft <= 0;
      return output;
    },
  { step: 'initialize', name: 'crash' },
);

/**
 * Does something in this process as if it were killed after so many writes to the database.
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
