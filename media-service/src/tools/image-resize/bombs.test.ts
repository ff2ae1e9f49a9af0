import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { FileType } from '@nebula/contract/file-types';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngines } from '../../testing/create-engines.ts';
import { testJob } from '../../testing/test-job.ts';
import { runImageResize } from './run.ts';

const engines = createEngines();
const folder = mkdtempSync(join(tmpdir(), 'nebula-image-bombs-'));
const white = { width: 40, height: 30, channels: 3 as const, background: '#ffffff' };
let good: Buffer;

beforeAll(async () => {
  await Promise.all([engines.vision.start(), engines.sharp.start()]);
  good = await sharp({ create: white }).jpeg().toBuffer();
});

afterAll(async () => {
  await Promise.all([engines.vision.stop(), engines.sharp.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  expect(await resize(good, 'jpg')).toMatchObject({ width: 20, height: 15 });
});

/** The size of the output and the codes of the warnings, or the code of the error. */
async function resize(data: Buffer, type: FileType) {
  const path = join(folder, 'input');
  writeFileSync(path, data);
  const job = testJob('image-resize', { width: 20 }, [{ path, type }], { timeoutMs: 20_000 });
  try {
    const { files } = await runImageResize(job, engines);
    return { ...files[0], codes: job.warnings.map(({ code }) => code) };
  } catch (error) {
    return { error: (error as { code?: string }).code };
  } finally {
    job.remove();
  }
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** A PNG of gray pixels; with more than one frame an animated one. */
function png(side: number, frames = 1, rows = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const data = deflateSync(rows);
  const number = (...values: number[]) => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4);
    return bytes;
  };
  const frame = (order: number) =>
    chunk(
      'fcTL',
      Buffer.concat([number(order, side, side, 0, 0), Buffer.from([0, 1, 0, 1, 0, 0])]),
    );
  const later = Array.from({ length: frames - 1 }, (_none, at) => [
    frame(2 * at + 1),
    chunk('fdAT', Buffer.concat([number(2 * at + 2), data])),
  ]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...(frames > 1 ? [chunk('acTL', number(frames, 0)), frame(0)] : []),
    chunk('IDAT', data),
    ...later.flat(),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A GIF of frames of one pixel each. */
function gif(frames: number): Buffer {
  const head = Buffer.from('47494638396101000100800000000000ffffff', 'hex');
  const frame = Buffer.from('21f90400010000002c0000000001000100000202440100', 'hex');
  return Buffer.concat([head, ...Array<Buffer>(frames).fill(frame), Buffer.from(';')]);
}

/** A progressive JPEG whose first scan comes so many times. */
async function scans(count: number): Promise<Buffer> {
  const create = { ...white, width: 1000, height: 1000 };
  const data = await sharp({ create }).jpeg({ progressive: true }).toBuffer();
  const start = data.indexOf(Buffer.from([0xff, 0xda]));
  let end = start + 2;
  while (data[end] !== 0xff || data[end + 1] === 0) end++;
  const scan = data.subarray(start, end);
  return Buffer.concat([
    data.subarray(0, start),
    ...Array<Buffer>(count).fill(scan),
    data.subarray(end),
  ]);
}

/** A TIFF of ten pixels a side that says its one tile has `tile` pixels a side. */
function tiledTiff(tile: number): Buffer {
  const entries = [
    [256, 10],
    [257, 10],
    [258, 8],
    [259, 1],
    [262, 1],
    [277, 1],
    [322, tile],
    [323, tile],
    [324, 8],
    [325, 100],
  ];
  const data = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  data.write('II*\0', 'latin1');
  data.writeUInt32LE(8, 4);
  data.writeUInt16LE(entries.length, 8);
  for (const [at, [tag = 0, value = 0]] of entries.entries()) {
    data.writeUInt16LE(tag, 10 + at * 12);
    data.writeUInt16LE(4, 12 + at * 12);
    data.writeUInt32LE(1, 14 + at * 12);
    data.writeUInt32LE(value, 18 + at * 12);
  }
  return data;
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, ms: performance.now() - startedAt };
}

describe('a picture of many parts costs one of them', () => {
  it('an APNG of 10,000 frames', async () => {
    const { ms, result } = await timed(() => resize(png(40, 10_000, Buffer.alloc(1640)), 'png'));
    expect(result).toMatchObject({ width: 20, height: 20 });
    expect(ms).toBeLessThan(5_000);
  });

  it('a GIF of 20,000 frames', async () => {
    const { ms, result } = await timed(() => resize(gif(20_000), 'gif'));
    expect(result).toMatchObject({ width: 1, height: 1 });
    expect((result as { codes: string[] }).codes).toContain('first_frame_only');
    expect(ms).toBeLessThan(10_000);
  });

  it('a progressive JPEG of 1,000 scans ends in time, in a picture or a clear error', async () => {
    const data = await scans(1_000);
    const { ms, result } = await timed(() => resize(data, 'jpg'));
    expect(['corrupt_input', undefined]).toContain((result as { error?: string }).error);
    expect(ms).toBeLessThan(15_000);
  });
});

describe('what lies about its size is refused', () => {
  it.each([65_520, 2 ** 31 - 16])('a TIFF whose tile has %i pixels a side', async (tile) => {
    const { ms, result } = await timed(() => resize(tiledTiff(tile), 'tiff'));
    expect(['corrupt_input', 'input_too_many_pixels']).toContain(
      (result as { error?: string }).error,
    );
    expect(ms).toBeLessThan(5_000);
  });

  it('a header of 50,000 x 50,000 in less than 300 ms, as the middle one of five', async () => {
    const times: number[] = [];
    for (let time = 0; time < 5; time++) {
      const { ms, result } = await timed(() => resize(png(50_000), 'png'));
      expect(result).toEqual({ error: 'input_too_many_pixels' });
      times.push(ms);
    }
    expect(times.sort((a, b) => a - b)[2]).toBeLessThan(300);
  });
});
