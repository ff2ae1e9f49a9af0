import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import type { Warning } from '@nebula/contract/warnings';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll } from 'vitest';
import { createEngines } from '../../../testing/create-engines.ts';
import { testJob } from '../../../testing/test-job.ts';
import { runImgToPdf } from '../run.ts';

export type TestImage = { path: string; type: FileType };

/** A PDF that was made, and looks into it with other programs than ours. */
export type MadePdf = {
  path: string;
  pages: number;
  /** Width and height of each page, in points. */
  sizes: () => [number, number][];
  text: () => string;
  /** Rows of `pdfimages -list`: how each picture lies in the file. */
  images: () => { encoding: string; width: number; height: number; color: string; ppi: number }[];
  /** Bytes of the pictures as they lie in the file. */
  extract: () => Buffer[];
  /** Red, green and blue at a place of a page, in points from the top left. */
  pixel: (page: number, x: number, y: number) => Promise<number[]>;
};

/** Converts images with engines of its own; what it has made is kept until the end. */
export function createConverter() {
  const engines = createEngines();
  const folder = mkdtempSync(join(tmpdir(), 'nebula-img-to-pdf-'));
  let made = 0;
  beforeAll(() => Promise.all([engines.sharp.start(), engines.word.start()]));
  afterAll(async () => {
    await Promise.all([engines.sharp.stop(), engines.word.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const save = (bytes: Buffer, type: FileType): TestImage => {
    const path = join(folder, `image-${made++}.${type}`);
    writeFileSync(path, bytes);
    return { path, type };
  };
  const convert = async (
    images: TestImage[],
    options: Record<string, unknown> = {},
  ): Promise<{ files: MadePdf[]; warnings: Warning[]; effective: Record<string, unknown> }> => {
    const job = testJob('img-to-pdf', options, images, { timeoutMs: 60_000 });
    try {
      const output = await runImgToPdf(job, engines);
      const files = output.files.map(({ pages = 0, path }) => {
        const kept = join(folder, `document-${made++}.pdf`);
        copyFileSync(path, kept);
        return lookInto(kept, pages, folder);
      });
      return { files, warnings: job.warnings, effective: output.optionsEffective };
    } finally {
      job.remove();
    }
  };
  return { engines, folder, save, convert };
}

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function lookInto(path: string, pages: number, folder: string): MadePdf {
  return {
    path,
    pages,
    sizes: () =>
      [...run('pdfinfo', '-l', '999', path).matchAll(/size:\s+([\d.]+) x ([\d.]+) pts/g)].map(
        ([, width, height]) => [Number(width), Number(height)],
      ),
    text: () => run('pdftotext', path, '-').trim(),
    images: () =>
      run('pdfimages', '-list', path)
        .split('\n')
        .slice(2)
        .filter(Boolean)
        .map((row) => row.trim().split(/\s+/))
        .map(([, , , width, height, color = '', , , encoding = '', , , , ppi]) => ({
          encoding,
          color,
          width: Number(width),
          height: Number(height),
          ppi: Number(ppi),
        })),
    extract: () => {
      const target = mkdtempSync(join(folder, 'extracted-'));
      run('pdfimages', '-all', path, join(target, 'x'));
      const names = run('ls', target).split('\n').filter(Boolean);
      return names.map((name) => readFileSync(join(target, name)));
    },
    pixel: async (page, x, y) => {
      const target = join(mkdtempSync(join(folder, 'page-')), 'page');
      const one = ['-f', String(page), '-l', String(page), '-singlefile'];
      run('pdftoppm', '-r', '72', '-png', ...one, path, target);
      const { data, info } = await sharp(`${target}.png`)
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const at = (Math.round(y) * info.width + Math.round(x)) * info.channels;
      return [...data.subarray(at, at + 3)];
    },
  };
}

/** A picture with red at the left, green at the right, and a blue stripe at the top. */
export function flag(width = 120, height = 80): Sharp {
  const part = (background: string, w: number, h: number) => ({
    input: { create: { width: w, height: h, channels: 3 as const, background } },
  });
  return sharp({ create: { width, height, channels: 3, background: '#ff0000' } })
    .composite([
      { ...part('#00ff00', width / 2, height), left: width / 2, top: 0 },
      { ...part('#0000ff', width, height / 4), left: 0, top: 0 },
    ])
    .removeAlpha();
}

/** Noise that no format packs well, the same each time. */
export function noise(width: number, height: number, channels: 1 | 3 = 3): Sharp {
  const data = Buffer.alloc(width * height * channels);
  for (let at = 0, state = 1; at < data.length; at++) {
    state = (state * 48271) % 2147483647;
    data[at] = state & 255;
  }
  return sharp(data, { raw: { width, height, channels } });
}
