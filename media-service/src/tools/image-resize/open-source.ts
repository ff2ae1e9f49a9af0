import { join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import { maxPixels } from '@nebula/contract/limits';
import type { Engines } from '../../engines/engines.ts';
import type { Normalised } from '../../engines/sharp-worker.ts';
import { readHeader } from '../../images/read-header.ts';
import type { Job } from '../../jobs/job.ts';
import type { ResizeOptions } from './run.ts';

/** An input that OpenCV can open: the file itself, or raw pixels of it. */
export type ResizeSource = {
  /** Size after EXIF orientation, turn and mirror. */
  width: number;
  height: number;
  /** Orientation that OpenCV has still to apply. */
  orientation: number;
  hasAlpha: boolean;
  hasMetadata: boolean;
  pixels: { path: string; type: string } | { raw: Normalised['raw'] };
  /** What `format: keep` means for this input. */
  keepType: 'jpg' | 'png' | 'webp' | 'avif';
};

const keepTypes = {
  jpg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'png',
  tiff: 'png',
  svg: 'png',
} as const;

/** Opens the input; everything that is not plain goes through sharp first. */
export async function openSource(job: Job<ResizeOptions>, engines: Engines): Promise<ResizeSource> {
  const file = job.files[0];
  if (!file)
    throw new AppError('invalid_input', 'Expected a file; received none.', { param: 'file' });
  const type = file.type as keyof typeof keepTypes;
  const keepType = keepTypes[type];
  const header = await readHeader(file.path, type);
  if (header) assertPixels(header.width, header.height);
  if (header?.isPlain) {
    job.noteInput({ ...upright(header, header.orientation), pages: 1 });
    const orientation = job.options.auto_rotate ? header.orientation : 1;
    const size = turned(header, orientation >= 5, job.options);
    const pixels = { path: file.path, type };
    return { ...size, orientation, hasAlpha: header.hasAlpha, hasMetadata: true, pixels, keepType };
  }
  const raw = await engines.sharp.request<Normalised>(
    {
      op: 'normalise',
      input: file.path,
      output: join(job.dir, 'source.raw'),
      autoRotate: job.options.auto_rotate,
      maxPixels,
    },
    job.signal,
  );
  job.noteInput({
    ...upright(raw, job.options.auto_rotate ? 1 : raw.orientation),
    pages: raw.frames,
  });
  if (raw.frames > 1)
    job.warn('first_frame_only', `The input has ${raw.frames} frames; the first one was used.`);
  if (raw.wasConverted) job.warn('color_converted', 'The colours were converted to sRGB.');
  const size = turned(raw.raw, false, job.options);
  const pixels = { raw: raw.raw };
  return {
    ...size,
    orientation: 1,
    hasAlpha: raw.hasAlpha,
    hasMetadata: type !== 'svg',
    pixels,
    keepType,
  };
}

/** The sides of a picture as it is meant to be seen, whatever the options do with it. */
const upright = ({ height, width }: { width: number; height: number }, orientation: number) =>
  orientation >= 5 ? { width: height, height: width } : { width, height };

function turned(
  size: { width: number; height: number },
  isLying: boolean,
  { rotate }: ResizeOptions,
) {
  const swaps = isLying !== (rotate === 90 || rotate === 270);
  return swaps
    ? { width: size.height, height: size.width }
    : { width: size.width, height: size.height };
}

function assertPixels(width: number, height: number): void {
  const pixels = width * height;
  if (pixels > 0 && pixels <= maxPixels) return;
  const message = `The image has ${width} x ${height} pixels; at most ${maxPixels} in all are accepted.`;
  throw new AppError('input_too_many_pixels', message, { extra: { pixels, limit: maxPixels } });
}
