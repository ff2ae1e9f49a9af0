import { AppError } from '@nebula/contract/errors';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import { finishPdf } from '../../documents/finish-pdf.ts';
import type { Engines } from '../../engines/engines.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { type Frame, openFrames } from './open-frames.ts';
import { type PlannedPage, planPages } from './plan-pages.ts';
import { stampTexts } from './stamp-texts.ts';
import { writeDocument } from './write-document.ts';

export type ImagesOptions = RunOptions<(typeof tools)['img-to-pdf']>;
export type ImagesJob = Job<ImagesOptions>;

/** Looks at all images, lays out the pages, and writes one document or one for each image. */
export async function runImgToPdf(job: ImagesJob, engines: Engines): Promise<RunOutput> {
  const { options } = job;
  job.progress({ percent: 1, stage: 'reading' });
  const documents = await planDocuments(job, engines);
  warnOfUnused(job);
  const total = documents.flat().reduce((sum, { pictures }) => sum + pictures.length, 0);
  let done = 0;
  const onPicture = () => {
    done += 1;
    const message = `${done} of ${total} images`;
    job.progress({ percent: 5 + (85 * done) / total, stage: 'writing', message });
  };
  const files: RunOutput['files'] = [];
  for (const pages of documents) {
    const path = job.outputPath('pdf');
    await writeDocument(job, engines.sharp, pages, { path, onPicture });
    const stamped = await stampTexts(job, engines.word, pages, path);
    const finished = await finishPdf(job, { path: stamped, creator: 'NebulaAPI' });
    const [first] = pages;
    files.push({
      path: finished,
      type: 'pdf',
      pages: pages.length,
      width: Math.round(first?.width ?? 0),
      height: Math.round(first?.height ?? 0),
    });
  }
  return {
    files,
    engine: { name: 'sharp', version: engines.sharp.health().version },
    optionsEffective: effectiveOptions(options),
  };
}

/** Every option as it was used; of the passwords, only whether one is needed to open. */
export function effectiveOptions({ encrypt, ...options }: ImagesOptions): Record<string, unknown> {
  const shown = encrypt && { allow: encrypt.allow, user: encrypt.user !== '' };
  return { ...options, ...(shown ? { encrypt: shown } : {}) };
}

/** The pages of each document that will be written. */
export async function planDocuments(job: ImagesJob, engines: Engines): Promise<PlannedPage[][]> {
  const { images, merge } = job.options;
  if (images.length > job.files.length) {
    const message = `Expected settings for at most ${job.files.length} images; received ${images.length}.`;
    throw new AppError('invalid_input', message, { param: 'images' });
  }
  const frames = await openFrames(job, engines.sharp);
  const groups = merge ? [frames] : groupByInput(frames);
  return groups.map((group) => planPages(job, group));
}

function groupByInput(frames: readonly Frame[]): Frame[][] {
  const groups: Frame[][] = [];
  for (const frame of frames) {
    groups[frame.input] ??= [];
    groups[frame.input]?.push(frame);
  }
  return groups;
}

function warnOfUnused({ options, warn }: ImagesJob): void {
  if (options.page_size === 'fit' && options.orientation !== 'auto')
    warn('option_ignored', 'orientation has no effect on pages that fit their images.');
  if (options.gap > 0 && !options.layout)
    warn('option_ignored', 'gap has no effect on pages with one image.');
}
