import { rm } from 'node:fs/promises';
import { AppError, isAppError } from '@nebula/contract/errors';
import type { Ffmpeg } from '../../engines/ffmpeg.ts';
import { type EncodePlan, encodeArguments } from './build-arguments.ts';
import { type EncodedVideo, encodeOnce, outputLimit, runPass } from './encode.ts';
import { nextSmaller } from './plan-picture.ts';
import { type Sound, smallerSound } from './plan-sound.ts';
import type { CompressJob } from './run.ts';

/** What a target became. */
export type SizedVideo = {
  made: EncodedVideo;
  plan: EncodePlan;
  /** Bits per second that the encoder was told to give to the pictures. */
  bitrate: number;
  passes: number;
};

/** Below the target by so much, because a size over it is worse than one under it. */
const aimShare = 0.98;
/** What counts as met. */
const tolerance = 0.05;
/** Fewer bits for a pixel look worse than fewer pixels. */
const bitsPerPixel = { h264: 0.03, h265: 0.02 } as const;
/** No more of the file than this goes to the sound, where the target is small. */
const soundShare = 0.3;
const maxCorrections = 3;
/** Percent of the job at which each second pass begins; most need only the first. */
const starts = [30, 75, 83, 90, 95];

/** The bytes of an MP4 that are neither picture nor sound: tables with an entry for each frame. */
const muxBase = 2000;
const muxPerPicture = 14;
const muxPerSoundFrame = 6;

/**
 * Encodes in two passes to a size, and corrects the second pass when it missed.
 *
 * @throws AppError `target_unreachable` with the nearest size, when it is more than 5 % off
 */
export async function encodeToSize(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  wanted: EncodePlan,
  targetBytes: number,
): Promise<SizedVideo> {
  const fitted = fitToTarget(job, wanted, targetBytes);
  let plan = fitted;
  let passes = 0;
  const sizes: number[] = [];
  for (;;) {
    const result = await twoPasses(job, ffmpeg, plan, targetBytes, passes);
    passes += result.passes;
    sizes.push(...result.sizes);
    if (result.best) {
      warnOfChanges(job, wanted, plan);
      return { ...result.best, plan, passes };
    }
    // Fewer pixels are the last resort where even the coarsest picture is too large.
    const smaller = job.options.resolution ? undefined : nextSmaller(plan.picture);
    if (!result.isOver || !smaller) throw unreachable(targetBytes, sizes, leastBytes(plan));
    plan = { ...plan, picture: smaller };
  }
}

type Best = { made: EncodedVideo; bitrate: number };

async function twoPasses(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  plan: EncodePlan,
  targetBytes: number,
  passesBefore: number,
): Promise<{ best?: Best; isOver: boolean; sizes: number[]; passes: number }> {
  const { picture, source, timeline } = plan;
  const first = { output: '', maxBytes: 0 };
  let bits = pictureBits(plan, targetBytes);
  // The encoder spreads its bitrate over the frames that it was told of, not over those that came.
  const toBitrate = (value: number, frames: number) =>
    Math.max(1000, Math.min(500_000_000, (value * picture.fps) / Math.max(1, frames)));
  const expectedFrames = timeline.duration * picture.fps;
  const { last } = await runPass(
    job,
    ffmpeg,
    plan,
    encodeArguments(plan, { bitrate: toBitrate(bits, expectedFrames), pass: 1 }, first),
    { from: 2, to: 30, pass: passesBefore + 1 },
  );
  const frames = last.frames || expectedFrames;
  const sizes: number[] = [];
  let best: Best | undefined;
  for (let correction = 0; correction <= maxCorrections; correction++) {
    const bitrate = toBitrate(bits, frames);
    const pass = passesBefore + 2 + correction;
    const made = await encodeOnce(job, ffmpeg, plan, {
      rate: { bitrate, pass: 2 },
      name: `pass-${pass}.mp4`,
      maxBytes: outputLimit(source.size),
      span: { from: starts[correction] ?? 75, to: starts[correction + 1] ?? 95, pass },
    }).catch(unlessTooSmall);
    if (!made) break;
    sizes.push(made.size);
    const isBetter = !best || missOf(made.size, targetBytes) < missOf(best.made.size, targetBytes);
    if (best) await rm(isBetter ? best.made.path : made.path, { force: true });
    if (isBetter) best = { made, bitrate };
    if (isHit(made.size, targetBytes)) break;
    const fixed = made.size - made.videoBytes;
    const room = targetBytes * aimShare - fixed;
    if (room <= 0) break;
    bits *= Math.min(4, Math.max(0.25, room / Math.max(1, made.videoBytes)));
  }
  const isMet = best && Math.abs(best.made.size / targetBytes - 1) <= tolerance;
  const isOver = !best || best.made.size > targetBytes;
  return { best: isMet ? best : undefined, isOver, sizes, passes: 1 + sizes.length };
}

/** Good enough to stop: not over the target, and not much under it. */
function isHit(size: number, target: number): boolean {
  return size <= target && size >= target * 0.95;
}

/** How bad a size is; being over counts double. */
function missOf(size: number, target: number): number {
  const share = size / target - 1;
  return share > 0 ? share * 2 : -share;
}

/** Lowers sound and resolution as far as the target wants it. */
function fitToTarget(job: CompressJob, plan: EncodePlan, targetBytes: number): EncodePlan {
  const { source, timeline } = plan;
  const room = (targetBytes * aimShare * 8) / timeline.duration;
  const sound = smallerSound(plan.sound, source.audio, room * soundShare);
  let fitted: EncodePlan = { ...plan, sound };
  if (pictureBits(fitted, targetBytes) <= 0) throw unreachable(targetBytes, [], leastBytes(fitted));
  while (!job.options.resolution) {
    const { fps, height, width } = fitted.picture;
    const perPixel = pictureBits(fitted, targetBytes) / (width * height * fps * timeline.duration);
    const picture = perPixel < bitsPerPixel[plan.codec] && nextSmaller(fitted.picture);
    if (!picture) break;
    fitted = { ...fitted, picture };
  }
  return fitted;
}

function warnOfChanges(job: CompressJob, wanted: EncodePlan, { picture, sound }: EncodePlan): void {
  const before = bitrateOf(wanted.sound);
  const after = bitrateOf(sound);
  if (after < before)
    job.warn(
      'audio_bitrate_reduced',
      `The sound got ${after / 1000} kbit/s to leave room for the picture.`,
      { bitrate: after },
    );
  if (picture.height === wanted.picture.height && picture.width === wanted.picture.width) return;
  job.warn(
    'resolution_reduced',
    `The target is too small for ${wanted.picture.width} x ${wanted.picture.height}; the output has ${picture.width} x ${picture.height}.`,
    { width: picture.width, height: picture.height },
  );
}

const bitrateOf = (sound: Sound) => (sound.kind === 'none' ? 0 : sound.bitrate);

/** What the file takes before it holds a picture. */
function leastBytes(plan: EncodePlan): number {
  return Math.ceil(overheadBytes(plan) + soundBytes(plan));
}

/** Bits that are left for the pictures of the whole video. */
function pictureBits(plan: EncodePlan, targetBytes: number): number {
  return (targetBytes * aimShare - overheadBytes(plan) - soundBytes(plan)) * 8;
}

function soundBytes({ sound, timeline }: EncodePlan): number {
  return (bitrateOf(sound) * timeline.duration) / 8;
}

function overheadBytes({ picture, sound, source, timeline }: EncodePlan): number {
  const soundFrames =
    sound.kind === 'none' ? 0 : ((source.audio?.sampleRate ?? 48_000) * timeline.duration) / 1024;
  const pictures = picture.fps * timeline.duration;
  return muxBase + muxPerPicture * pictures + muxPerSoundFrame * soundFrames;
}

/** The encoder knows some targets to be hopeless before it begins. */
function unlessTooSmall(error: unknown): undefined {
  if (!isAppError(error) || error.code !== 'target_unreachable') throw error;
}

/** @param reached sizes that were made; without any, `least` is what it would take at least */
function unreachable(targetBytes: number, reached: number[], least = 0): AppError {
  const distance = (size: number) => Math.abs(size - targetBytes);
  const nearest = reached.toSorted((a, b) => distance(a) - distance(b))[0];
  const message =
    nearest === undefined
      ? `The video cannot be made ${targetBytes} bytes large; it takes more than ${least}.`
      : `The video cannot be made ${targetBytes} bytes large; the nearest that was reached is ${nearest}.`;
  const smallest = Math.min(...reached, nearest === undefined ? least : nearest);
  return new AppError('target_unreachable', message, {
    extra: { target_bytes: targetBytes, nearest_bytes: nearest ?? least, smallest_bytes: smallest },
  });
}
