import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { png } from '../../images/testing/bombs.ts';
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

it('a source with too many pixels is named too', async () => {
  const source = write(png(50_000, 50_000), 'png');
  await expect(match({}, [source, good])).rejects.toMatchObject({
    code: 'input_too_many_pixels',
    details: { param: 'source' },
  });
});

/** Changed files of each format; with a thousand it is a matter of minutes. */
const mutants = Number(process.env.MUTANTS ?? 40);

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

  it(
    'mutants of each format end in a picture or a clear error',
    async () => {
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
        for (let round = 0; round < mutants; round++) {
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
    },
    60_000 + mutants * 1_000,
  );

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
    const { path } = write(png(7_100, 7_100, Buffer.alloc(7_101 * 7_100)), 'png');
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
