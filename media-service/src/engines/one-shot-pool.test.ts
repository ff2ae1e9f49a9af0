import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '../logger.ts';
import { createOneShotPool, type OneShotPool } from './one-shot-pool.ts';

/** Answers with its process id, or does what the request says. */
const script = `
const send = (message) => {
  const json = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  process.stdout.write(Buffer.concat([length, json]));
};
process.stdin.once('data', (data) => {
  const request = JSON.parse(data.subarray(4).toString());
  if (request.kill) process.kill(process.pid, request.kill);
  else if (!request.hang) send({ id: request.id, result: process.pid });
});
send({ ready: true, version: '1' });
`;

const pools: OneShotPool[] = [];

function createPool({ budgetMilliseconds = 20_000, size = 1 } = {}): OneShotPool {
  const pool = createOneShotPool(
    () => ({
      name: 'test',
      command: process.execPath,
      args: ['-e', script],
      memoryCeilingBytes: 1024 ** 3,
    }),
    { size, budgetMilliseconds, logger: createLogger('silent') },
  );
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

const never = new AbortController().signal;

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a pool of processes that serve once', () => {
  it('gives every request a process of its own, also where more come than it keeps ready', async () => {
    const pool = createPool({ size: 2 });
    await pool.start();
    const ids = await Promise.all(Array.from({ length: 6 }, () => pool.request<number>({}, never)));
    expect(new Set(ids).size).toBe(6);
    await expect.poll(() => ids.some(isAlive)).toBe(false);
    expect(pool.health()).toMatchObject({ ready: true, version: '1', slots: 2, busy: 0 });
  });

  it('tries once more where a process is killed from outside', async () => {
    const pool = createPool();
    await pool.start();
    await expect(pool.request({ kill: 'SIGKILL' }, never)).rejects.toMatchObject({
      code: 'engine_crashed',
    });
    expect(await pool.request<number>({}, never)).toBeGreaterThan(0);
  });

  it('says that the input is too much where the heap is full, and does not try again', async () => {
    const pool = createPool();
    await pool.start();
    await expect(pool.request({ kill: 'SIGABRT' }, never)).rejects.toMatchObject({
      code: 'input_too_complex',
    });
  });

  it('ends work that takes longer than its budget', async () => {
    const pool = createPool({ budgetMilliseconds: 300 });
    await pool.start();
    await expect(pool.request({ hang: true }, never)).rejects.toMatchObject({
      code: 'input_too_complex',
    });
    await expect.poll(() => pool.health().busy).toBe(0);
  });

  it('ends work that nobody waits for, with the reason of the caller', async () => {
    const pool = createPool();
    await pool.start();
    const caller = new AbortController();
    const answer = pool.request({ hang: true }, caller.signal);
    caller.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
    await expect.poll(() => pool.health().busy).toBe(0);
  });
});
