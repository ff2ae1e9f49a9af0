import { join } from 'node:path';
import { maxPixels } from '@nebula/contract/limits';
import type { InputFile } from '@nebula/contract/tool';
import type { Engines } from '../../engines/engines.ts';
import { lookAtImage, openImage } from '../../images/open-image.ts';
import { blame, type MatchJob } from './match-job.ts';

/** Pixels beyond this side are not compared; `FINE_SIDE` of python/picture.py. */
const fineSide = 1000;

/** A picture that is ready for the OpenCV worker. */
export type MatchImage = {
  filename: string;
  width: number;
  height: number;
  request: Record<string, unknown>;
  /** Where its pixels lie when another engine has decoded them. */
  rawPath?: string;
};

/** Opens the source or one target; an error names which by `param`. */
export async function openMatchImage(
  job: MatchJob,
  { sharp }: Engines,
  file: InputFile,
  param: string,
): Promise<MatchImage> {
  const { dir, signal } = job;
  const rawPath = join(dir, `${param.replace('.', '-')}.raw`);
  const options = { maxPixels, maxSide: fineSide, rawPath, sharp, signal };
  const opened = await openImage(file, options).catch((error: unknown) => {
    throw blame(error, param);
  });
  const { hasAlpha, height, orientation, pixels, wasConverted, width } = opened;
  note(job, file, param, opened);
  if (wasConverted)
    job.warn('color_converted', `The colours of ${param} were converted to sRGB.`, { param });
  return {
    filename: file.filename,
    width,
    height,
    request: { ...pixels, width, height, orientation, hasAlpha },
    rawPath: 'raw' in pixels ? rawPath : undefined,
  };
}

/** Notes the size of the source or of one target, and refuses what cannot be compared. */
export async function lookAtMatchImage(
  job: MatchJob,
  { sharp }: Engines,
  file: InputFile,
  param: string,
): Promise<void> {
  const room = { maxPixels, sharp, signal: job.signal };
  const seen = await lookAtImage(file, room).catch((error: unknown) => {
    throw blame(error, param);
  });
  note(job, file, param, seen);
}

function note(
  { files, noteInput, warn }: MatchJob,
  file: InputFile,
  param: string,
  { frames, height, width }: { frames: number; height: number; width: number },
): void {
  noteInput({ pages: frames, width, height }, files.indexOf(file));
  if (frames > 1) {
    const message = `${param} has ${frames} frames; the first one was compared.`;
    warn('first_frame_only', message, { param });
  }
}
