import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import type { FileType } from '@nebula/contract/file-types';
import type { RunOptions } from '@nebula/contract/tool';
import type { tools } from '@nebula/contract/tools';
import { defaultAudioBitrate, presetCrf } from '@nebula/contract/tools/video-compress';
import type { Engines } from '../../engines/engines.ts';
import type { Ffmpeg } from '../../engines/ffmpeg.ts';
import type { Job, RunOutput } from '../../jobs/job.ts';
import { writeMark } from '../../test-mark/picture.ts';
import { type EncodePlan, measuresItself } from './build-arguments.ts';
import { describeRun } from './describe-run.ts';
import { type EncodedVideo, encodeOnce, outputLimit, outputTooLarge } from './encode.ts';
import { encodeToSize } from './encode-to-size.ts';
import { makePoster } from './make-poster.ts';
import { chooseSamples, measureQuality, type Quality } from './measure-quality.ts';
import { openSource, type VideoSource } from './open-source.ts';
import { planPicture } from './plan-picture.ts';
import { planSound } from './plan-sound.ts';
import { planTimeline } from './plan-timeline.ts';

export type CompressOptions = RunOptions<(typeof tools)['video-compress']>;
export type CompressJob = Job<CompressOptions>;

/** What an encoding came to; without `made` the source is the better file. */
export type Outcome = {
  plan: EncodePlan;
  made?: EncodedVideo;
  rate: { crf: number } | { target_bytes: number; video_bitrate?: number };
  passes: number;
};

/** Looks at the video, encodes it, looks at what was made, and compares the two. */
export async function runVideoCompress(job: CompressJob, engines: Engines): Promise<RunOutput> {
  const { ffmpeg } = engines;
  job.progress({ percent: 1, stage: 'reading' });
  const source = await openSource(job, ffmpeg);
  const timeline = planTimeline(job, source);
  const picture = planPicture(job, source.video, timeline.duration);
  // A target may take the resolution down, and only then is there something to be compared here.
  const samples =
    measuresItself({ picture }) && !hasTarget(job)
      ? []
      : await chooseSamples(job, ffmpeg, source, timeline);
  const { codec, speed, strip_metadata } = job.options;
  const plan: EncodePlan = {
    source,
    timeline,
    picture,
    sound: planSound(job, source.audio),
    codec,
    speed,
    stripMetadata: strip_metadata,
    keyframes: samples.map(({ at }) => at).filter((at) => at > 0),
  };
  warnOfUnused(job);
  if (picture.isMarked) await writeMark(job);
  const outcome = await encode(job, ffmpeg, plan);
  job.progress({ percent: 95, stage: 'comparing' });
  const quality = outcome.made
    ? (outcome.made.quality ??
      (await measureQuality(job, ffmpeg, outcome.plan, outcome.made.path, samples)))
    : ({ metric: 'ssim', score: 1, frames: 0 } satisfies Quality);
  const video = outcome.made ?? (await giveOriginal(job, source));
  const poster =
    job.options.poster === false ? undefined : await makePoster(job, ffmpeg, outcome.plan);
  const {
    quality: _quality,
    videoBytes: _bytes,
    size,
    ...file
  } = {
    videoBytes: 0,
    quality,
    ...video,
  };
  return {
    files: [file, ...(poster ? [poster.file] : [])],
    engine: { name: 'ffmpeg', version: ffmpeg.health().version },
    optionsEffective: describeRun(job.options, outcome, { size, quality, poster: poster?.second }),
  };
}

const hasTarget = ({ options }: CompressJob) =>
  options.target_bytes !== undefined || options.target_reduction !== undefined;

/** By quality or to a size, as it was asked. */
async function encode(job: CompressJob, ffmpeg: Ffmpeg, plan: EncodePlan): Promise<Outcome> {
  const { crf, preset = 'balanced', target_bytes, target_reduction } = job.options;
  const { size } = plan.source;
  const kept = Math.round(size * Math.min(1, plan.timeline.duration / plan.source.duration));
  if (target_reduction !== undefined)
    return toSize(job, ffmpeg, plan, Math.round(kept * (1 - target_reduction / 100)));
  if (target_bytes === undefined) return byQuality(job, ffmpeg, plan, crf ?? presetCrf[preset]);
  if (target_bytes < kept) return toSize(job, ffmpeg, plan, target_bytes);
  if (!changesMore(job, plan)) {
    job.warn('no_size_gain', `The video has ${size} bytes already; it came back as it was.`);
    return { plan, rate: { target_bytes }, passes: 0 };
  }
  job.warn('target_lowered', `What is kept has ${kept} bytes; these were aimed at.`, {
    used: kept,
  });
  return toSize(job, ffmpeg, plan, kept);
}

async function toSize(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  wanted: EncodePlan,
  target_bytes: number,
): Promise<Outcome> {
  const { bitrate, made, passes, plan } = await encodeToSize(job, ffmpeg, wanted, target_bytes);
  const rate = { target_bytes, video_bitrate: Math.round(bitrate) };
  return { plan, made, passes, rate };
}

/** Where nothing but the size was asked for, the encoder may stop as soon as nothing is gained. */
async function byQuality(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  plan: EncodePlan,
  crf: number,
): Promise<Outcome> {
  const { size } = plan.source;
  const isFree = !changesMore(job, plan);
  const maxBytes = isFree ? size : outputLimit(size);
  const span = { from: 2, to: 95, pass: 1 };
  const made = await encodeOnce(job, ffmpeg, plan, {
    rate: { crf },
    name: 'encoded.mp4',
    maxBytes,
    span,
  });
  if (!made && !isFree) throw outputTooLarge(maxBytes);
  if (!made)
    job.warn(
      'no_size_gain',
      `The output would not be smaller than ${size} bytes; the video came back as it was, with its metadata.`,
    );
  else if (made.size >= size)
    job.warn('no_size_gain', `The output has ${made.size} bytes, the input ${size}.`);
  return { plan, made, rate: { crf }, passes: 1 };
}

/** Whether more was asked for than a smaller file. */
function changesMore({ options }: CompressJob, { picture, source, timeline }: EncodePlan): boolean {
  const isOtherCodec = options.codec === 'h265' && source.video.codec !== 'hevc';
  const isOtherSound = source.audio !== undefined && options.audio !== 'keep';
  const isOtherSize =
    options.resolution !== undefined && options.resolution !== 'source' && picture.isScaled;
  return (
    isOtherCodec ||
    isOtherSound ||
    isOtherSize ||
    timeline.isTrimmed ||
    picture.convertFps !== undefined
  );
}

/** A copy, because outputs are moved away and the input is not ours to move. */
async function giveOriginal(job: CompressJob, { path, type, size, duration, video }: VideoSource) {
  const copy = job.outputPath(type satisfies FileType);
  await copyFile(path, copy, constants.COPYFILE_FICLONE);
  const { codec, fps, height, width } = video;
  const bitrate = Math.round((size * 8) / duration);
  return { path: copy, type, size, width, height, duration, codec, fps, bitrate };
}

function warnOfUnused({ options, warn }: CompressJob): void {
  if (options.upscale && (options.resolution ?? 'source') === 'source')
    warn('option_ignored', 'upscale has no effect without a resolution.');
  if (options.audio === 'none' && options.audio_bitrate !== defaultAudioBitrate)
    warn('option_ignored', 'audio_bitrate has no effect without sound.');
}
