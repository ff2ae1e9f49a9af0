import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSpool, type Spool } from './spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'spool-test-'));
let spool: Spool;

beforeAll(() => {
  Object.assign(process.env, {
    SPOOL_DIR: folder,
    AUTH_SECRET: 'a'.repeat(32),
    MEDIA_TOKEN: 'b'.repeat(32),
  });
  spool = createSpool('test');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const accept = () => {};
const openFiles = () =>
  readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(folder)).length;

describe('spool', () => {
  test('the file holds every byte in order, however the pieces come', async () => {
    const pieces = Array.from({ length: 3000 }, (_, index) => Buffer.alloc(index % 1500, index));
    const { path, size } = await spool.write(Readable.from(pieces), accept);
    const all = Buffer.concat(pieces);
    expect(size).toBe(all.length);
    expect(readFileSync(path).equals(all)).toBe(true);
  });

  test('inspect sees each piece with the size so far, and its error ends the write', async () => {
    const sizes: number[] = [];
    const refuse = (_chunk: Buffer, size: number) => {
      sizes.push(size);
      if (size > 25) throw new Error('too large');
    };
    const source = Readable.from(Array.from({ length: 10 }, () => Buffer.alloc(10)));
    await expect(spool.write(source, refuse)).rejects.toThrow('too large');
    expect(sizes).toEqual([10, 20, 30]);
    expect(source.destroyed).toBe(true);
  });

  test('an abort ends the write and closes its file', async () => {
    const stop = new AbortController();
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(1000));
      },
    });
    const inspect = (_chunk: Buffer, size: number) => {
      if (size > 100_000) stop.abort(new Error('gone'));
    };
    await expect(spool.write(endless, inspect, stop.signal)).rejects.toThrow();
    await expect.poll(openFiles).toBe(0);
  });

  test('nothing is left after remove', async () => {
    await spool.remove();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a request that is over', () => {
  const endless = () =>
    new Readable({
      read() {
        this.push(Buffer.alloc(1000));
      },
    });

  test('ends its writes and leaves no file, however early it ends', async () => {
    for (let ticks = 0; ticks < 60; ticks++) {
      const own = createSpool(`over-${ticks}`);
      const writing = own.write(endless(), accept);
      const failed = expect(writing).rejects.toThrow();
      for (let tick = 0; tick < ticks; tick++) await new Promise(setImmediate);
      await own.remove();
      await failed;
      expect(readdirSync(folder), String(ticks)).toEqual([]);
    }
    await expect.poll(openFiles).toBe(0);
  });

  test('writes nothing any more', async () => {
    const own = createSpool('late');
    await own.folder();
    await own.remove();
    await expect(own.write(Readable.from([Buffer.alloc(1)]), accept)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
