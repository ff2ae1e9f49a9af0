import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import type { Warning } from '@nebula/contract/warnings';
import sharp from 'sharp';
import { afterAll, beforeAll } from 'vitest';
import { createEngines } from '../../../testing/create-engines.ts';
import { testJob } from '../../../testing/test-job.ts';
import { runPdfToImages } from '../run.ts';

export type Rendered = {
  images: {
    path: string;
    type: FileType;
    width?: number;
    height?: number;
    page?: number;
    dpi?: number;
  }[];
  warnings: Warning[];
  effective: Record<string, unknown>;
  stages: (string | undefined)[];
};

/** Renders documents with a Ghostscript of its own; what it has made is kept until the end. */
export function createRenderer() {
  const engines = createEngines();
  const folder = mkdtempSync(join(tmpdir(), 'nebula-pdf-to-images-'));
  let made = 0;
  beforeAll(() => engines.ghostscript.start());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const save = (bytes: Buffer | string): string => {
    const path = join(folder, `document-${made++}.pdf`);
    writeFileSync(path, bytes);
    return path;
  };
  const render = async (
    pdf: Buffer | string,
    options: Record<string, unknown> = {},
    { timeoutMs = 30_000 } = {},
  ): Promise<Rendered> => {
    const path = typeof pdf === 'string' ? pdf : save(pdf);
    const job = testJob('pdf-to-images', options, [{ path, type: 'pdf' }], { timeoutMs });
    const stages: Rendered['stages'] = [];
    job.progress = ({ message }) => stages.push(message);
    try {
      const output = await runPdfToImages(job, engines);
      const images = output.files.map((file) => {
        const kept = join(folder, `image-${made++}.${file.type}`);
        copyFileSync(file.path, kept);
        return { ...file, path: kept };
      });
      return { images, warnings: job.warnings, effective: output.optionsEffective, stages };
    } finally {
      job.remove();
    }
  };
  return { engines, folder, save, render };
}

/** Red, green and blue (and alpha, where there is one) at a point, counted from the top left. */
export async function pixelAt(path: string, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}

/** Peak signal-to-noise ratio of two pictures of one size, in dB; infinite for equal ones. */
export async function psnr(one: string | Buffer, two: string | Buffer): Promise<number> {
  const [a, b] = await Promise.all(
    [one, two].map((each) => sharp(each).removeAlpha().toColourspace('srgb').raw().toBuffer()),
  );
  if (!a || !b || a.length !== b.length) throw new Error('the pictures are of different sizes');
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
  return sum === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(255 ** 2 / (sum / a.length));
}
