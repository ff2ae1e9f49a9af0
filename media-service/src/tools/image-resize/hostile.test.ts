import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { png } from '../../images/testing/bombs.ts';
import { createEngines } from '../../testing/create-engines.ts';
import { testJob } from '../../testing/test-job.ts';
import { runImageResize } from './run.ts';

const engines = createEngines();
const folder = mkdtempSync(join(tmpdir(), 'nebula-hostile-images-'));
let good: string;

beforeAll(async () => {
  await Promise.all([engines.vision.start(), engines.sharp.start()]);
  good = write(
    await sharp({ create: { width: 40, height: 30, channels: 3, background: '#336699' } })
      .jpeg()
      .toBuffer(),
  );
});

afterAll(async () => {
  await Promise.all([engines.vision.stop(), engines.sharp.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  expect(await resize({ width: 20 }, good, 'jpg')).toMatchObject({ width: 20, height: 15 });
});

let made = 0;

function write(data: Buffer | string): string {
  const path = join(folder, `file-${made++}`);
  writeFileSync(path, data);
  return path;
}

async function resize(options: Record<string, unknown>, path: string, type: FileType) {
  const job = testJob('image-resize', options, [{ path, type }], { timeoutMs: 20_000 });
  try {
    return (await runImageResize(job, engines)).files[0];
  } finally {
    job.remove();
  }
}

it('an output that would be too large', async () => {
  const thin = write(png(1, 20_000, Buffer.alloc(40_000)));
  await expect(resize({ width: 200, enlarge: true }, thin, 'png')).rejects.toMatchObject({
    code: 'input_too_many_pixels',
  });
  await expect(
    resize({ width: 16383, height: 16383, mode: 'pad' }, good, 'jpg'),
  ).rejects.toMatchObject({ code: 'input_too_many_pixels' });
});

/** Changed files of each format; with a thousand it is a matter of minutes. */
const mutants = Number(process.env.MUTANTS ?? 40);

describe('damaged files are an error, never a grey picture', () => {
  it('truncated at every tenth', async () => {
    const noise = {
      create: {
        width: 400,
        height: 300,
        channels: 3 as const,
        background: '#888',
        noise: { type: 'gaussian' as const, mean: 128, sigma: 40 },
      },
    };
    const whole = {
      jpg: await sharp(noise).jpeg().toBuffer(),
      png: await sharp(noise).png().toBuffer(),
      webp: await sharp(noise).webp().toBuffer(),
    };
    for (const [type, data] of Object.entries(whole)) {
      for (const tenth of [1, 3, 5, 7, 9]) {
        const path = write(data.subarray(0, Math.floor((data.length * tenth) / 10)));
        await expect(
          resize({ width: 50 }, path, type as FileType),
          `${type} ${tenth}/10`,
        ).rejects.toMatchObject({ code: 'corrupt_input' });
      }
    }
  });

  it(
    'mutants of each format end in a picture or a clear error',
    async () => {
      let seed = 20_261_123;
      const random = () => {
        seed = (seed * 16_807) % 2_147_483_647;
        return seed / 2_147_483_647;
      };
      const image = () =>
        sharp({ create: { width: 48, height: 32, channels: 3, background: '#369' } });
      const originals = {
        jpg: await image().jpeg().toBuffer(),
        png: await image().png().toBuffer(),
        webp: await image().webp().toBuffer(),
        gif: await image().gif().toBuffer(),
      };
      for (const [type, original] of Object.entries(originals)) {
        for (let round = 0; round < mutants; round++) {
          const data = Buffer.from(original);
          for (let flip = 0; flip < 4; flip++)
            data[12 + Math.floor(random() * (data.length - 12))] = Math.floor(random() * 256);
          const outcome = await resize({ width: 16 }, write(data), type as FileType).then(
            () => 'picture',
            (error: { code?: string }) => error.code,
          );
          expect(
            ['picture', 'corrupt_input', 'input_too_many_pixels', 'input_too_complex'],
            `${type} ${round}`,
          ).toContain(outcome);
        }
      }
    },
    60_000 + mutants * 1_000,
  );
});

describe('a drawing fetches nothing and explodes into nothing', () => {
  const svg = (body: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100">${body}</svg>`;
  const uses = Array.from(
    { length: 30 },
    (_none, at) => `<g id="g${at + 1}"><use href="#g${at}"/><use href="#g${at}"/></g>`,
  ).join('');
  it.each([
    [
      'entities that multiply',
      `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>${svg('<text>&c;</text>')}`,
    ],
    [
      'an external entity',
      `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>${svg('<text y="20">&x;</text>')}`,
    ],
    ['an external image', svg('<image href="file:///etc/hostname" width="10" height="10"/>')],
    [
      'uses of uses',
      svg(`<defs><rect id="g0" width="1" height="1"/>${uses}</defs><use href="#g30"/>`),
    ],
    [
      'a size of a million',
      '<svg xmlns="http://www.w3.org/2000/svg" width="1000000" height="1000000"/>',
    ],
  ])(
    '%s',
    async (_name, text) => {
      const outcome = await resize({ width: 10 }, write(text), 'svg').then(
        () => 'picture',
        (error: { code?: string }) => error.code,
      );
      expect([
        'picture',
        'corrupt_input',
        'input_too_many_pixels',
        'tool_timeout',
        'input_too_complex',
      ]).toContain(outcome);
    },
    60_000,
  );
});

describe('a worker that dies costs one try', () => {
  it('the work is done on the next one', async () => {
    const workers = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'worker.py'], {
      encoding: 'utf8',
    });
    process.kill(Number(workers.split('\n')[0]), 'SIGKILL');
    expect(await resize({ width: 10 }, good, 'jpg')).toMatchObject({ width: 10 });
    await expect
      .poll(() => engines.vision.health().restarts, { timeout: 10_000 })
      .toBeGreaterThan(0);
  });
});
