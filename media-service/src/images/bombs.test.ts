import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import { maxPixels } from '@nebula/contract/limits';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngines } from '../testing/create-engines.ts';
import { testJob } from '../testing/test-job.ts';
import { runImageMatch } from '../tools/image-match/run.ts';
import { runImageResize } from '../tools/image-resize/run.ts';
import { runImgToPdf } from '../tools/img-to-pdf/run.ts';
import {
  animatedWebp,
  apng,
  avifOf,
  gif,
  jpegOf,
  jpegOfScans,
  packedZeros,
  png,
  pngChunk,
  tiff,
  webpOf,
} from './testing/bombs.ts';
import { growthDuring } from './testing/peak-memory.ts';

const engines = createEngines();
const folder = mkdtempSync(join(tmpdir(), 'nebula-bombs-'));
const good = { path: join(folder, 'good'), type: 'jpg' as FileType };
const bomb = join(folder, 'bomb');

/** Runs a tool on a good picture and, where there is one, on a bomb behind or instead of it. */
const run = {
  'image-resize': async (files: { path: string; type: FileType }[]) => {
    const job = testJob('image-resize', { max_side: 20 }, files.slice(-1));
    await runImageResize(job, engines).finally(job.remove);
  },
  'img-to-pdf': async (files: { path: string; type: FileType }[]) => {
    const job = testJob('img-to-pdf', {}, files);
    await runImgToPdf(job, engines).finally(job.remove);
  },
  'image-match': async (files: { path: string; type: FileType }[]) => {
    const job = testJob('image-match', { methods: ['phash'] }, [good, ...files]);
    await runImageMatch(job, engines).finally(job.remove);
  },
};
const tools = Object.keys(run) as (keyof typeof run)[];
/** Which input an error is about. */
const params = { 'image-resize': undefined, 'img-to-pdf': 'files.1', 'image-match': 'targets.1' };

type Failure = { code: string; details: { param?: string; extra?: Record<string, unknown> } };

/** `done`, or how it failed. */
async function outcome(tool: keyof typeof run, type: FileType): Promise<Failure | 'done'> {
  return run[tool]([good, { path: bomb, type }]).then(
    () => 'done' as const,
    (error: Failure) => error,
  );
}

beforeAll(async () => {
  await Promise.all([engines.vision.start(), engines.sharp.start()]);
  const create = { width: 40, height: 30, channels: 3 as const, background: '#336699' };
  writeFileSync(good.path, await sharp({ create }).jpeg().toBuffer());
});

afterAll(async () => {
  await Promise.all([engines.vision.stop(), engines.sharp.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  const restarts = engines.sharp.health().restarts + engines.vision.health().restarts;
  for (const tool of tools) await run[tool]([good]);
  expect(engines.sharp.health().restarts + engines.vision.health().restarts).toBe(restarts);
});

describe('more pixels than are taken are refused by the header, in little time and memory', () => {
  it.each<[string, FileType, () => Buffer | Promise<Buffer>]>([
    ['a PNG header of 50,000 x 50,000', 'png', () => png(50_000, 50_000)],
    ['the same with rows', 'png', () => png(50_000, 50_000, Buffer.alloc(50_001 * 200))],
    ['a PNG of 2^31 x 2^31', 'png', () => png(2 ** 31 - 1, 2 ** 31 - 1)],
    ['a PNG of 2^31 rows', 'png', () => png(1, 2 ** 31 - 1)],
    ['a PNG of 268 megapixels', 'png', () => png(16_384, 16_384)],
    ['a PNG just above the limit', 'png', () => png(7_072, 7_072)],
    [
      'an animated PNG',
      'png',
      () => png(16_384, 16_384, undefined, [pngChunk('acTL', Buffer.alloc(8, 1))]),
    ],
    ['a JPEG of 65,500 x 65,500', 'jpg', () => jpegOf(65_500, 65_500)],
    ['the same, progressive', 'jpg', () => jpegOf(65_500, 65_500, true)],
    ['a GIF of 65,535 x 65,535', 'gif', () => gif(65_535, 2)],
    ['a WebP of 16,000 x 16,000', 'webp', () => webpOf(16_000)],
    ['a TIFF of 65,535 x 65,535', 'tiff', () => tiff(65_535)],
    ['an AVIF of 17,000 x 17,000', 'avif', () => avifOf(17_000)],
  ])('%s', async (_name, type, draw) => {
    writeFileSync(bomb, await draw());
    for (const tool of tools) {
      const startedAt = process.cpuUsage();
      let failure: Failure | 'done' = 'done';
      const growth = await growthDuring(async () => {
        failure = await outcome(tool, type);
      });
      const { system, user } = process.cpuUsage(startedAt);
      expect(failure, tool).toMatchObject({
        code: 'input_too_many_pixels',
        details: { extra: { limit: maxPixels, pixels: expect.any(Number) } },
      });
      expect((failure as unknown as Failure).details.param, tool).toBe(params[tool]);
      expect(growth, tool).toBeLessThan(64 * 2 ** 20);
      expect(user + system, tool).toBeLessThan(300_000);
    }
  });
});

describe('a picture that has more in it than it shows ends with a stated answer', () => {
  const refusals = ['corrupt_input', 'input_too_complex', 'input_too_many_pixels'];
  const zeros = () => packedZeros(1);
  const rows = Buffer.alloc(40 * 31);
  const profile = (data: Buffer) => pngChunk('iCCP', Buffer.concat([Buffer.from('x\0\0'), data]));
  const text = (data: Buffer) => pngChunk('zTXt', Buffer.concat([Buffer.from('x\0\0'), data]));

  it.each<[string, FileType, () => Buffer | Promise<Buffer>, Record<keyof typeof run, string[]>]>([
    ['a PNG of 1 x 100,000', 'png', () => png(1, 100_000, Buffer.alloc(200_000)), all('done')],
    ['the same without its rows', 'png', () => png(1, 100_000), all('done', 'corrupt_input')],
    ['a PNG of nothing', 'png', () => png(0, 0), all('corrupt_input', 'input_too_many_pixels')],
    [
      'a text of a gigabyte',
      'png',
      () => png(30, 40, rows, [text(zeros())]),
      all('done', ...refusals),
    ],
    [
      'a profile of a gigabyte',
      'png',
      () => png(30, 40, rows, [profile(zeros())]),
      all('done', ...refusals),
    ],
    [
      'a false profile',
      'png',
      () => png(30, 40, rows, [profile(Buffer.from('junk'))]),
      all('done'),
    ],
    ['an APNG of 10,000 frames', 'png', () => apng(40, 10_000), all('done')],
    [
      'a GIF of 20,000 frames',
      'gif',
      () => gif(1, 20_000),
      { ...all('done'), 'img-to-pdf': ['input_too_complex'] },
    ],
    ['a WebP of 1,000 frames', 'webp', () => animatedWebp(1_000), all('done')],
    ['a JPEG of 1,000 scans', 'jpg', () => jpegOfScans(1_000), all('done', 'corrupt_input')],
    [
      'a TIFF of 65,535 directories',
      'tiff',
      () => tiff(1, { directories: 65_535 }),
      all('done', ...refusals),
    ],
    [
      'a TIFF whose directories are a ring',
      'tiff',
      () => tiff(1, { directories: 3, isRing: true }),
      all('done', ...refusals),
    ],
    [
      'a TIFF with a tile of 65,520 pixels a side',
      'tiff',
      () => tiff(10, { tile: 65_520 }),
      all(...refusals),
    ],
    [
      'a TIFF with a tile of 2^31',
      'tiff',
      () => tiff(10, { tile: 2 ** 31 - 16 }),
      all(...refusals),
    ],
  ])('%s', async (_name, type, draw, answers) => {
    writeFileSync(bomb, await draw());
    for (const tool of tools) {
      let found: Failure | 'done' = 'done';
      const growth = await growthDuring(async () => {
        found = await outcome(tool, type);
      });
      const code = found === 'done' ? found : (found as Failure).code;
      expect(answers[tool], `${tool} ${code}`).toContain(code);
      expect(growth, tool).toBeLessThan(128 * 2 ** 20);
    }
  });

  function all(...codes: string[]): Record<keyof typeof run, string[]> {
    return { 'image-resize': codes, 'img-to-pdf': codes, 'image-match': codes };
  }
});
