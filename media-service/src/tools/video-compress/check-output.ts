import { stat } from 'node:fs/promises';
import { AppError } from '@nebula/contract/errors';
import { crashed, saysDamaged } from '../../engines/ffmpeg/explain-failure.ts';
import type { Ffmpeg } from '../../engines/ffmpeg.ts';
import type { EncodePlan } from './build-arguments.ts';
import { isWholeMp4 } from './expect-whole.ts';
import { measureDuration } from './open-source.ts';
import type { CompressJob } from './run.ts';

/** An output that has been looked at. */
export type MadeVideo = {
  path: string;
  type: 'mp4';
  size: number;
  width: number;
  height: number;
  duration: number;
  codec: string;
  /** Bits per second of the whole file. */
  bitrate: number;
  fps: number;
  /** Bytes of the pictures alone. */
  videoBytes: number;
};

/** Bytes of a file, or 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/**
 * Looks at what the encoder has left. An encoder that says that all went well may have left nothing,
 * or half.
 *
 * @throws AppError `engine_crashed`, or `corrupt_input` where the source is shorter than it says
 */
export async function checkOutput(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  plan: EncodePlan,
  { path, stderr }: { path: string; stderr: string },
): Promise<MadeVideo> {
  const size = await sizeOf(path);
  if (size === 0) throw crashed(new Error(`no output; ${stderr.slice(0, 2000)}`));
  if (!(await isWholeMp4(path))) throw crashed(new Error('the output has lost its end'));
  const probe = await ffmpeg.probe({ path, type: 'mp4' }, job).catch((cause: unknown) => {
    if (job.signal.aborted) throw cause;
    throw crashed(cause);
  });
  const { duration, video } = probe;
  if (!video || !duration) throw crashed(new Error('the output has no picture'));
  if (video.width !== plan.picture.width || video.height !== plan.picture.height)
    throw crashed(new Error(`the output has ${video.width} x ${video.height} pixels`));
  await expectDuration(job, ffmpeg, plan, duration, stderr);
  return {
    path,
    type: 'mp4',
    size,
    width: video.width,
    height: video.height,
    duration: round(duration),
    codec: video.codec,
    bitrate: Math.round((size * 8) / duration),
    fps: round(video.fps),
    videoBytes: ((video.bitrate ?? 0) * (video.duration ?? duration)) / 8,
  };
}

async function expectDuration(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  { picture, sound, source, timeline }: EncodePlan,
  made: number,
  stderr: string,
): Promise<void> {
  const slack = 0.25 + 2 / Math.min(picture.fps, source.video.fps);
  const isNear = (expected: number) => Math.abs(made - expected) <= slack + expected * 0.02;
  // Sound that goes on after the picture makes the file longer than what is left of it here.
  const pictureEnd = (source.video.duration ?? source.duration) - timeline.start;
  const withoutSound = Math.min(timeline.duration, pictureEnd);
  if (isNear(timeline.duration) || (sound.kind === 'none' && isNear(withoutSound))) {
    if (saysDamaged(stderr))
      job.warn('input_damaged', 'Parts of the video could not be decoded; they look disturbed.');
    return;
  }
  const readable = await measureDuration(source, job, ffmpeg);
  const isHeaderWrong = isNear(Math.max(0, readable - timeline.start));
  if (made > timeline.duration && isHeaderWrong) return;
  if (isHeaderWrong || saysDamaged(stderr)) throw truncated(source.duration, readable);
  throw crashed(new Error(`the output is ${made} s long instead of ${timeline.duration} s`));
}

function truncated(said: number, readable: number): AppError {
  const message = `The video is truncated or damaged: it should last ${round(said)} seconds, but only ${round(readable)} can be read.`;
  return new AppError('corrupt_input', message, { param: 'file' });
}

const round = (value: number) => Math.round(value * 1000) / 1000;
