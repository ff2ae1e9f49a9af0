import { presetCrf } from '@nebula/contract/tools/video-compress';
import type { Engines } from '../../engines/engines.ts';
import type { Forecast } from '../../jobs/job.ts';
import { describePlan } from './describe-run.ts';
import { openSource, type VideoSource } from './open-source.ts';
import { planPicture } from './plan-picture.ts';
import { planSound } from './plan-sound.ts';
import { planTimeline } from './plan-timeline.ts';
import type { CompressJob } from './run.ts';

/** Millions of pixels that two cores encode in a second, and bits that a pixel takes at CRF 23. */
const megapixelsPerSecond = { fast: 68, medium: 32, slow: 14 } as const;
const bitsPerPixel = { h264: 0.07, h265: 0.045 } as const;
const h265Slowdown = 3;
const soundBitsPerSecond = 128_000;

/** From the sides, the length and the wanted quality; what moves in the picture shows only later. */
export async function estimateVideoCompress(job: CompressJob, engines: Engines): Promise<Forecast> {
  const { codec, poster, speed, target_bytes, target_reduction } = job.options;
  const source = await openSource(job, engines.ffmpeg);
  const timeline = planTimeline(job, source);
  const { duration } = timeline;
  const picture = planPicture(job, source.video, duration);
  const { height, width } = picture;
  const plan = { picture, timeline, sound: planSound(job, source.audio) };
  const pixels = width * height * source.video.fps * duration;
  const passes = target_bytes !== undefined || target_reduction !== undefined ? 2 : 1;
  const seconds =
    (pixels / 1e6 / megapixelsPerSecond[speed]) * (codec === 'h265' ? h265Slowdown : 1);
  return {
    pages: Math.round(duration * source.video.fps),
    outputs: poster === false ? 1 : 2,
    bytes: Math.min(source.size, bytesOf(job, source, pixels, duration)),
    run_ms: 300 + seconds * passes * 1000,
    optionsEffective: {
      ...describePlan(job.options, plan, rateOf(job, source, duration)),
      poster,
    },
  };
}

function rateOf({ options }: CompressJob, source: VideoSource, duration: number) {
  const { crf, preset = 'balanced', target_bytes, target_reduction } = options;
  if (target_bytes !== undefined) return { target_bytes };
  if (target_reduction === undefined) return { crf: crf ?? presetCrf[preset] };
  const kept = Math.round(source.size * Math.min(1, duration / source.duration));
  return { target_bytes: Math.round(kept * (1 - target_reduction / 100)) };
}

function bytesOf(
  { options }: CompressJob,
  { size }: VideoSource,
  pixels: number,
  duration: number,
): number {
  const { audio, codec, crf, preset = 'balanced', target_bytes, target_reduction } = options;
  if (target_bytes !== undefined) return target_bytes;
  if (target_reduction !== undefined) return size * (1 - target_reduction / 100);
  // Six steps of CRF halve the bits.
  const quality = 2 ** ((23 - (crf ?? presetCrf[preset])) / 6);
  const sound = audio === 'none' ? 0 : soundBitsPerSecond * duration;
  return (pixels * bitsPerPixel[codec] * quality + sound) / 8;
}
