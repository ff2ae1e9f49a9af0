import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

function createPool(script: string, size: number): WorkerPool & { marker: string } {
  const marker = join(folder, `marker-${made++}`);
  const limits = { memoryCeilingBytes: 1024 ** 3 };
  const [command, args, env] = [process.execPath, ['-e', script], { MARKER: marker }];
  const logger = createLogger('silent');
  pool = createWorkerPool({ name: 'fake', command, args, env, ...limits }, { size, logger });
  return { ...pool, marker };
}

/** A pool of one; `marker` exists as soon as its first worker has misbehaved. */
async function startPool(misbehave: string): Promise<WorkerPool & { marker: string }> {
  const workers = createPool(fakeWorker(misbehave), 1);
  await workers.start();
  return workers;
}

/** Waits without letting anything else of this process happen. */
function holdUntil(path: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; !existsSync(path) && tries < 10_000; tries++) Atomics.wait(pause, 0, 0, 1);
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

describe('a worker that is killed when its answer is on the way', () => {
  it('does no other work, and the next job ends well', async () => {
    const workers = await startPool(`
      while (!fs.existsSync(marker + '-go'));
      send({ id: request.id, result: 'late' });
      fs.writeFileSync(marker + '-sent', '');`);
    const deadline = new AbortController();
    const first = workers.request({ op: 'x' }, deadline.signal);
    const next = workers.request({ op: 'x' }, anyTime());
    await expect.poll(() => existsSync(workers.marker), { timeout: 30_000 }).toBe(true);
    writeFileSync(`${workers.marker}-go`, '');
    holdUntil(`${workers.marker}-sent`);
    deadline.abort(new AppError('tool_timeout', 'The time of the first is over.'));
    expect(await first).toBe('late');
    expect(await next).toBe('done');
    expect(await workers.request({ op: 'x' }, anyTime())).toBe('done');
  });
});

describe('a pool of which a worker did not start', () => {
  it('has no more workers than its size after the next try', async () => {
    const size = 2;
    const workers = createPool(
      `{
        const { writeFileSync } = require('node:fs');
        const { MARKER } = process.env;
        writeFileSync(MARKER + '-pids/' + process.pid, '');
        try { writeFileSync(MARKER, '', { flag: 'wx' }); process.exit(3); } catch {}
      }
      ${fakeWorker('')}`,
      size,
    );
    mkdirSync(`${workers.marker}-pids`);
    await expect(workers.start()).rejects.toThrow();
    await workers.start();
    expect(await workers.request({ op: 'x' }, anyTime())).toBe('done');
    expect(workers.health()).toMatchObject({ ready: true, busy: 0, restarts: 1 });
    expect(readdirSync(`${workers.marker}-pids`)).toHaveLength(size + 1);
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
