import type { EncodePlan } from './build-arguments.ts';
import type { Quality } from './measure-quality.ts';
import type { CompressOptions, Outcome } from './run.ts';

type Rate = Outcome['rate'];

/** What was really used, and what it came to. */
export function describeRun(
  options: CompressOptions,
  { made, passes, plan, rate }: Outcome,
  { poster, quality, size }: { size: number; quality?: Quality; poster?: number },
): Record<string, unknown> {
  const { source } = plan;
  const reduction = (1 - size / source.size) * 100;
  return {
    ...(made
      ? { ...describePlan(options, plan, rate, made.fps), passes }
      : { ...asAsked(options), ...rate, original: true }),
    poster: poster ?? false,
    input_bytes: source.size,
    output_bytes: size,
    reduction_percent: Math.round(reduction * 100) / 100,
    quality: quality ?? null,
  };
}

/** Every option with the value that it has for this video. */
export function describePlan(
  options: CompressOptions,
  { picture, sound, timeline }: Pick<EncodePlan, 'picture' | 'sound' | 'timeline'>,
  rate: Rate,
  fps = picture.fps,
): Record<string, unknown> {
  const isByName = 'crf' in rate && (options.preset !== undefined || options.crf === undefined);
  return {
    ...asAsked(options),
    ...(isByName ? { preset: options.preset ?? 'balanced' } : {}),
    ...rate,
    width: picture.width,
    height: picture.height,
    fps: Math.round(fps * 1000) / 1000,
    audio: sound.kind,
    ...(sound.kind === 'none' ? {} : { audio_bitrate: Math.round(sound.bitrate) }),
    trim: timeline.isTrimmed
      ? { start: timeline.start, end: timeline.start + timeline.duration }
      : undefined,
  };
}

/** What the video itself has no say in. */
function asAsked({
  audio_bitrate: _bitrate,
  trim: _trim,
  crf: _crf,
  preset: _preset,
  ...options
}: CompressOptions) {
  return { ...options, resolution: options.resolution ?? 'source' };
}
