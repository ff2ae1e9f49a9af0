import { AppError, isAppError } from '@nebula/contract/errors';
import { maxPixels } from '@nebula/contract/limits';
import type { InputFile } from '@nebula/contract/tool';
import type { SharpPool } from '../../engines/sharp.ts';
import type { Inspected } from '../../engines/sharp-worker.ts';
import { type JpegParts, readJpegParts } from '../../images/jpeg-parts.ts';
import { type PngParts, readPngParts } from '../../images/png-parts.ts';
import type { ImagesJob } from './run.ts';

/** One picture that becomes (a part of) a page. */
export type Frame = {
  file: InputFile;
  /** Which input it is from, from 0. */
  input: number;
  /** Which frame or page of it, from 0. */
  page: number;
  /** Upright size in pixels. */
  width: number;
  height: number;
  /** The way into the PDF without decoding, where there is one. */
  asIs?: { jpeg: JpegParts } | { png: PngParts };
  /** Whether it is better packed with loss when it has to be packed anew. */
  isPhoto: boolean;
  isGray: boolean;
};

/** The most pages of one document. */
export const maxFrames = 1_000;

/**
 * Looks at every input, before a byte is written.
 *
 * @throws AppError naming the input that cannot be read
 */
export async function openFrames(job: ImagesJob, sharp: SharpPool): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (const [input, file] of job.files.entries()) {
    const found = await openFile(file, input, sharp, job.signal).catch((error: unknown) => {
      throw nameInput(error, file, input);
    });
    const [first] = found;
    if (first)
      job.noteInput({ pages: found.length, width: first.width, height: first.height }, input);
    frames.push(...found);
    if (frames.length <= maxFrames) continue;
    const message = `Expected at most ${maxFrames} images and frames in all; ${file.filename} passes that.`;
    throw new AppError('input_too_complex', message, { param: 'files' });
  }
  return frames;
}

async function openFile(
  file: InputFile,
  input: number,
  sharp: SharpPool,
  signal: AbortSignal,
): Promise<Frame[]> {
  const one = { file, input, page: 0 };
  if (file.type === 'jpg') {
    const jpeg = await readJpegParts(file.path);
    if (jpeg) {
      const { components, height, orientation, width } = jpeg;
      assertPixels(width * height);
      const sides = orientation >= 5 ? { width: height, height: width } : { width, height };
      return [{ ...one, ...sides, asIs: { jpeg }, isPhoto: true, isGray: components === 1 }];
    }
  }
  if (file.type === 'png') {
    const png = await readPngParts(file.path);
    const { height, orientation, width } = png;
    assertPixels(width * height);
    const isAsIs = !png.hasTransparency && !png.isInterlaced;
    const sides = orientation >= 5 ? { width: height, height: width } : { width, height };
    const isGray = png.colorType === 0 || png.colorType === 4;
    return [{ ...one, ...sides, ...(isAsIs && { asIs: { png } }), isPhoto: false, isGray }];
  }
  const seen = await sharp.request<Inspected>(
    { op: 'inspect', input: file.path, maxPixels },
    signal,
  );
  const { height, isPhoto, pages, width } = seen;
  // AVIF and WebP have frames only when they move; the first one stands for all.
  const count = file.type === 'gif' || file.type === 'tiff' ? pages : 1;
  return Array.from({ length: Math.min(count, maxFrames + 1) }, (_, page) => ({
    ...{ file, input, page, width, height, isPhoto },
    isGray: false,
  }));
}

function assertPixels(pixels: number): void {
  if (pixels <= maxPixels) return;
  const message = `The image has ${pixels} pixels; at most ${maxPixels} are accepted.`;
  throw new AppError('input_too_many_pixels', message, { extra: { pixels, limit: maxPixels } });
}

/** Of many files the caller wants to know which is wrong; a fault of ours is about none of them. */
export function nameInput(error: unknown, { filename }: InputFile, input: number): unknown {
  if (!isAppError(error) || error.status >= 500) return error;
  const { extra } = error.details;
  return new AppError(error.code, `${filename} (image ${input + 1}): ${error.message}`, {
    cause: error,
    param: `files.${input}`,
    extra: { ...extra, index: input },
  });
}
