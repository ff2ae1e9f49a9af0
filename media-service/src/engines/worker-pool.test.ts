import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '../logger.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

/** A worker whose answer to the first request of its life is whatever `misbehave` does. */
function fakeWorker(misbehave: string): string {
  return `
    const fs = require('node:fs');
    const frame = (text) => { const head = Buffer.alloc(4); head.writeUInt32BE(Buffer.byteLength(text)); return Buffer.concat([head, Buffer.from(text)]); };
    const send = (value) => fs.writeSync(1, frame(JSON.stringify(value)));
    const marker = process.env.MARKER;
    const isFirst = () => { try { fs.writeFileSync(marker, '', { flag: 'wx' }); return true; } catch { return false; } };
    process.stdin.on('data', (data) => {
      const request = JSON.parse(data.subarray(4));
      if (isFirst()) { ${misbehave} } else send({ id: request.id, result: 'done' });
    });
    send({ ready: true, version: '1' });`;
}

const folder = mkdtempSync(join(tmpdir(), 'nebula-fake-worker-'));
let pool: WorkerPool | undefined;
let made = 0;

afterEach(() => pool?.stop());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A pool of one; `marker` exists as soon as its first worker has misbehaved. */
async function startPool(misbehave: string): Promise<WorkerPool & { marker: string }> {
  const marker = join(folder, `marker-${made++}`);
  const args = ['-e', fakeWorker(misbehave)];
  const limits = { memoryCeilingBytes: 1024 ** 3 };
  pool = createWorkerPool(
    { name: 'fake', command: process.execPath, args, env: { MARKER: marker }, ...limits },
    { size: 1, logger: createLogger('silent') },
  );
  await pool.start();
  return { ...pool, marker };
}

const anyTime = () => new AbortController().signal;

describe('a worker that breaks the protocol is ended, and its work is done by the next', () => {
  it.each([
    [
      'ends in the middle of a frame',
      `fs.writeSync(1, Buffer.from([0, 0, 0, 90, 123])); process.exit(0);`,
    ],
    ['prints what is no frame', `fs.writeSync(1, 'Traceback (most recent call last)');`],
    ['sends a frame that is not JSON', `fs.writeSync(1, frame('{"id": 1, "result"'));`],
    [
      'sends NaN, which is not JSON',
      `fs.writeSync(1, frame('{"id": ' + request.id + ', "result": NaN}'));`,
    ],
    ['announces a gigabyte', `fs.writeSync(1, Buffer.from([64, 0, 0, 0]));`],
    ['answers another request', `send({ id: request.id + 7, result: 'wrong' });`],
    [
      'answers twice',
      `send({ id: request.id + 1, result: 1 }); send({ id: request.id, result: 2 });`,
    ],
    ['is killed by a fault of memory', `process.kill(process.pid, 'SIGSEGV');`],
    ['ends without a word', `process.exit(3);`],
  ])('%s', async (_name, misbehave) => {
    const workers = await startPool(misbehave);
    expect(await workers.request({ op: 'x' }, anyTime())).toBe('done');
    expect(workers.health().restarts).toBe(1);
    expect(await workers.request({ op: 'x' }, anyTime())).toBe('done');
  });
});

describe('a worker that never answers', () => {
  it('is ended with its job, for the reason of the job, and replaced', async () => {
    const workers = await startPool('');
    const deadline = new AbortController();
    const asked = workers.request({ op: 'x' }, deadline.signal);
    const refused = expect(asked).rejects.toMatchObject({ code: 'tool_timeout' });
    await expect.poll(() => existsSync(workers.marker)).toBe(true);
    deadline.abort(new AppError('tool_timeout', 'The time is over.'));
    await refused;
    expect(await workers.request({ op: 'x' }, anyTime())).toBe('done');
  });
});

describe('a job that every worker dies of', () => {
  it('is tried twice, and no more', async () => {
    const workers = await startPool('fs.rmSync(marker); process.exit(3);');
    await expect(workers.request({ op: 'x' }, anyTime())).rejects.toMatchObject({
      code: 'engine_crashed',
    });
    await expect.poll(() => workers.health().restarts).toBe(2);
  });
});
