import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import type { ToolId } from '@nebula/contract/tools';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineName } from '../engines/engines.ts';
import type { Job, RunOutput } from '../jobs/job.ts';
import { toAppError } from '../jobs/run-job.ts';
import { createEngines } from '../testing/create-engines.ts';
import { testJob } from '../testing/test-job.ts';
import { runners } from './runners.ts';

const engines = createEngines({ MEDIA_SLOTS: '1' });
const names = Object.keys(engines) as EngineName[];
const samples = join(import.meta.dirname, '../../../samples');
const folder = mkdtempSync(join(tmpdir(), 'nebula-full-volume-'));
const locked = join(folder, 'locked.pdf');
const decoded = join(folder, 'decoded.tiff');
const zipped = join(folder, 'site.zip');

/** Mounts a volume of one page of memory, which takes a short file and no more. */
const mountSmall = (dir: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', dir], { stdio: 'ignore' });
const unmount = (dir: string) => execFileSync('umount', ['--lazy', dir]);

function canMount(): boolean {
  try {
    mountSmall(folder);
    unmount(folder);
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  const picture = {
    create: { width: 300, height: 300, channels: 3, background: '#336699' },
  } as const;
  await sharp(picture).tiff({ compression: 'lzw' }).toFile(decoded);
  const atlas = join(samples, 'pdf-to-images/atlas.pdf');
  execFileSync('qpdf', [atlas, '--encrypt', 'secret', 'owner', '256', '--', locked]);
  execFileSync('python3', [
    '-m',
    'zipfile',
    '-c',
    zipped,
    join(samples, 'html-to-pdf/invoice.html'),
  ]);
  await Promise.all(names.map((name) => engines[name].start()));
}, 120_000);

afterAll(async () => {
  await Promise.all(names.map((name) => engines[name].stop()));
  rmSync(folder, { recursive: true, force: true });
});

function sampleFiles(tool: ToolId) {
  const paths = readdirSync(join(samples, tool)).map((name) => join(samples, tool, name));
  return paths.map((path) => ({ path, type: path.split('.').at(-1) as FileType }));
}

describe.skipIf(!canMount())('a full volume is never called a fault of the input', () => {
  test.each<[string, ToolId, Record<string, unknown>, { path: string; type: FileType }?]>([
    ['Chromium prints', 'html-to-pdf', {}],
    ['a site is unzipped', 'html-to-pdf', {}, { path: zipped, type: 'zip' }],
    ['OpenCV writes a picture', 'image-resize', { width: 1000 }],
    ['sharp writes pixels', 'image-resize', { width: 100 }, { path: decoded, type: 'tiff' }],
    ['OpenCV writes a drawing', 'image-match', { visual: 'matches' }],
    ['sharp writes a picture', 'img-to-pdf', { color_mode: 'gray' }],
    ['Ghostscript draws pixels', 'pdf-to-images', { format: 'png' }],
    ['Ghostscript draws a JPEG', 'pdf-to-images', { format: 'jpg' }],
    ['qpdf decrypts', 'pdf-to-images', { password: 'secret' }, { path: locked, type: 'pdf' }],
    ['FFmpeg encodes', 'video-compress', {}],
    ['PDFKit writes', 'word-to-pdf', {}],
  ])('where %s', async (_, tool, options, file) => {
    const job = testJob(tool, options, file ? [file] : sampleFiles(tool));
    mountSmall(job.dir);
    try {
      const run = runners[tool].run as (
        job: Job<unknown>,
        own: typeof engines,
      ) => Promise<RunOutput>;
      const refused = await run(job, engines).catch(toAppError);
      expect(refused).toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 30 } });
    } finally {
      unmount(job.dir);
      job.remove();
    }
  });
});
