import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { FileType } from '@nebula/contract/file-types';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMatchBench, type TestFile } from './testing/match-bench.ts';
import { createRandom, drawScene } from './testing/scenes.ts';

const bench = createMatchBench();
const { match, write } = bench;
let good: TestFile;

beforeAll(async () => {
  await bench.start();
  good = await bench.save(drawScene(1).resize(200).jpeg(), 'jpg');
});
afterAll(bench.stop);

afterEach(async () => {
  const { result } = await match({}, [good, good]);
  expect(result.targets[0]).toMatchObject({ score: 1, verdict: 'duplicate' });
});

/** How a call ends whose second target is this file. */
async function outcome(data: Buffer | string, type: FileType) {
  return match({}, [good, good, write(data, type)]).then(
    () => ({ code: 'picture' }),
    (error: { code?: string; details?: { param?: string; extra?: object } }) => ({
      code: error.code,
      ...error.details,
    }),
  );
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function png(width: number, height: number, extra: Buffer[] = [], rows = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const magic = Buffer.from('89504e470d0a1a0a', 'hex');
  const data = chunk('IDAT', deflateSync(rows));
  return Buffer.concat([
    magic,
    chunk('IHDR', header),
    ...extra,
    data,
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('bombs are refused before they are unpacked, and the picture is named', () => {
  it.each([
    ['a PNG header of 50,000 x 50,000', 'png', png(50_000, 50_000)],
    ['a PNG header of 2^31 x 2^31', 'png', png(2 ** 31 - 1, 2 ** 31 - 1)],
    ['a PNG just above the limit', 'png', png(7_072, 7_072)],
    [
      'an animated PNG of 16,384 x 16,384',
      'png',
      png(16_384, 16_384, [chunk('acTL', Buffer.alloc(8, 1))]),
    ],
    ['a JPEG header of 65,500 x 65,500', 'jpg', jpegHeader(65_500, 65_500)],
    ['a WebP header of 16,384 x 16,384', 'webp', webpHeader(16_384, 16_384)],
  ] as const)('%s', async (_name, type, data) => {
    const before = rss();
    const { code, ...details } = await outcome(data, type);
    expect({ code, details }).toMatchObject({
      code: 'input_too_many_pixels',
      details: { param: 'targets.1', extra: { limit: 50_000_000 } },
    });
    expect(rss() - before).toBeLessThan(64 * 1024 ** 2);
  });

  it.each(['gif', 'tiff', 'webp', 'avif'] as const)('a real %s of 52 megapixels', async (type) => {
    const flat = sharp({
      create: { width: 8_000, height: 6_500, channels: 3, background: '#fff' },
      limitInputPixels: false,
    });
    const encoded = {
      gif: () => flat.gif({ effort: 1 }),
      tiff: () => flat.tiff({ compression: 'lzw' }),
      webp: () => flat.webp({ effort: 0 }),
      avif: () => flat.avif({ effort: 0 }),
    }[type]();
    expect(await outcome(await encoded.toBuffer(), type)).toMatchObject({
      code: 'input_too_many_pixels',
      param: 'targets.1',
    });
  });

  it('the source is named as well', async () => {
    const source = write(png(50_000, 50_000), 'png');
    await expect(match({}, [source, good])).rejects.toMatchObject({
      code: 'input_too_many_pixels',
      details: { param: 'source' },
    });
  });

  it('a picture of 1 x 100,000 is compared', async () => {
    const { code } = await outcome(png(1, 100_000, [], Buffer.alloc(200_000)), 'png');
    expect(code).toBe('picture');
  });

  it('a GIF of 3,000 frames is looked at once', async () => {
    const one = await drawScene(1).resize(40, 30).gif({ effort: 1 }).toBuffer();
    const start = one.lastIndexOf(Buffer.from('21f904', 'hex'));
    const frame = one.subarray(start, -1);
    const frames = Array.from({ length: 3_000 }, () => frame);
    const gif = Buffer.concat([one.subarray(0, start), ...frames, Buffer.from(';')]);
    expect(['picture', 'corrupt_input', 'input_too_complex']).toContain(
      (await outcome(gif, 'gif')).code,
    );
  });

  it('a TIFF whose directories go round ends', async () => {
    const tiff = Buffer.alloc(64);
    tiff.write('II*\0', 'latin1');
    tiff.writeUInt32LE(8, 4);
    tiff.writeUInt16LE(0, 8);
    tiff.writeUInt32LE(8, 10);
    expect((await outcome(tiff, 'tiff')).code).toBe('corrupt_input');
  });

  it('a text chunk that unpacks to a gigabyte is not unpacked by half of it', async () => {
    const packed = deflateSync(Buffer.alloc(64 * 1024 ** 2), { level: 9 });
    const text = chunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), packed]));
    const rows = Buffer.alloc(40 * 31);
    expect(['picture', 'corrupt_input']).toContain(
      (await outcome(png(30, 40, [text], rows), 'png')).code,
    );
  });
});

describe('an unreadable target fails the call, and is named', () => {
  it('truncated at several places', async () => {
    const whole = {
      jpg: await drawScene(2).jpeg().toBuffer(),
      png: await drawScene(2).png().toBuffer(),
      webp: await drawScene(2).webp().toBuffer(),
      gif: await drawScene(2).resize(200).gif({ effort: 1 }).toBuffer(),
    };
    for (const [type, data] of Object.entries(whole)) {
      for (const tenth of [1, 4, 7]) {
        const part = data.subarray(0, Math.floor((data.length * tenth) / 10));
        expect(await outcome(part, type as FileType), `${type} ${tenth}/10`).toMatchObject({
          code: 'corrupt_input',
          param: 'targets.1',
        });
      }
    }
  });

  it('150 mutants of each format end in a picture or a clear error', async () => {
    const random = createRandom(20_261_123);
    const image = () => drawScene(4).resize(64, 48);
    const originals = {
      jpg: await image().jpeg().toBuffer(),
      png: await image().png().toBuffer(),
      webp: await image().webp().toBuffer(),
      gif: await image().gif().toBuffer(),
      tiff: await image().tiff({ compression: 'lzw' }).toBuffer(),
    };
    for (const [type, original] of Object.entries(originals)) {
      for (let round = 0; round < 150; round++) {
        const data = Buffer.from(original);
        for (let flip = 0; flip < 4; flip++)
          data[12 + Math.floor(random() * (data.length - 12))] = Math.floor(random() * 256);
        const { code } = await match({ methods: ['phash'] }, [
          good,
          write(data, type as FileType),
        ]).then(
          () => ({ code: 'picture' }),
          (error: { code?: string }) => error,
        );
        expect(
          ['picture', 'corrupt_input', 'input_too_many_pixels', 'input_too_complex'],
          `${type} ${round}: ${code}`,
        ).toContain(code);
      }
    }
  }, 180_000);

  it('a drawing with an entity of this machine shows nothing of it', async () => {
    const svg = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]><svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><text y="20">&x;</text></svg>`;
    expect(['picture', 'corrupt_input']).toContain((await outcome(svg, 'svg')).code);
  });
});

describe('calls that make no sense', () => {
  it('without a target name targets', async () => {
    await expect(match({}, [good])).rejects.toMatchObject({
      code: 'invalid_input',
      details: { param: 'targets' },
    });
  });

  it('that ask for lines without corners name visual', async () => {
    const options = { visual: 'matches', methods: ['phash'] };
    await expect(match(options, [good, good])).rejects.toMatchObject({
      code: 'invalid_input',
      details: { param: 'visual' },
    });
  });
});

describe('a worker', () => {
  it('that dies costs one try', async () => {
    const workers = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'worker.py'], {
      encoding: 'utf8',
    });
    const restarts = bench.engines.vision.health().restarts;
    process.kill(Number(workers.split('\n')[0]), 'SIGKILL');
    const { result } = await match({}, [good, good, good]);
    expect(result.targets.map(({ score }) => score)).toEqual([1, 1]);
    await expect
      .poll(() => bench.engines.vision.health().restarts, { timeout: 10_000 })
      .toBeGreaterThan(restarts);
  });

  it('that is still at work when the time is over is ended', async () => {
    const large = await bench.save(drawScene(5).resize(6000).jpeg(), 'jpg');
    const targets = Array.from({ length: 60 }, () => large);
    await expect(match({}, [large, ...targets], 700)).rejects.toMatchObject({
      code: 'tool_timeout',
    });
  });

  it('refuses too many pixels by itself, whatever it is told of the size', async () => {
    const { path } = write(png(7_100, 7_100, [], Buffer.alloc(7_101 * 7_100)), 'png');
    const lie = { path, type: 'png', width: 10, height: 10, orientation: 1, hasAlpha: false };
    const request = {
      op: 'match',
      source: { ...lie, key: 'a lie' },
      target: lie,
      methods: ['ssim'],
    };
    const { signal } = new AbortController();
    await expect(bench.engines.vision.request(request, signal)).rejects.toMatchObject({
      code: 'corrupt_input',
    });
  });

  it('takes a name with a pattern as a name', async () => {
    const odd = { ...good, path: `${good.path}-%03d.jpg` };
    copyFileSync(good.path, odd.path);
    const { result } = await match({}, [odd, odd]);
    expect(result.targets[0]?.verdict).toBe('duplicate');
  });

  it('opens nothing by name: neither pictures, nor videos, nor models', () => {
    const folder = join(import.meta.dirname, '../../../../python');
    const openers = /\b(imread|imreadmulti|VideoCapture|readNet\w*|CascadeClassifier)\(/;
    const names = readdirSync(folder).filter((name) => name.endsWith('.py'));
    expect(names).toContain('picture.py');
    for (const name of names)
      expect(openers.test(readFileSync(join(folder, name), 'utf8')), name).toBe(false);
  });
});

function jpegHeader(width: number, height: number): Buffer {
  const frame = Buffer.from('ffd8ffc2001108000000000301110002110103110100', 'hex').subarray(0, 21);
  frame.writeUInt16BE(height, 7);
  frame.writeUInt16BE(width, 9);
  return Buffer.concat([
    frame,
    Buffer.from('ffda000c03010002110311003f00', 'hex'),
    Buffer.alloc(100),
    Buffer.from('ffd9', 'hex'),
  ]);
}

function webpHeader(width: number, height: number): Buffer {
  const head = Buffer.alloc(64);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(56, 4);
  head.write('WEBPVP8X', 8, 'latin1');
  head.writeUInt32LE(10, 16);
  head.writeUIntLE(width - 1, 24, 3);
  head.writeUIntLE(height - 1, 27, 3);
  return head;
}

/** Resident bytes of this process and of all that it has started. */
function rss(): number {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const own = lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([pid, parent]) => pid === process.pid || parent === process.pid);
  return own.reduce((sum, [, , kilobytes = 0]) => sum + kilobytes * 1024, 0);
}
