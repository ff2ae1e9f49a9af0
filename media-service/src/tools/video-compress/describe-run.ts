import type { Quality } from './measure-quality.ts';
import type { CompressOptions, Outcome } from './run.ts';

/** What was really used, and what it came to. */
export function describeRun(
  {
    output: _output,
    strict: _strict,
    timeout_seconds: _time,
    audio_bitrate: _bitrate,
    trim: _trim,
    crf: _crf,
    preset,
    ...options
  }: CompressOptions,
  { made, passes, plan, rate }: Outcome,
  { poster, quality, size }: { size: number; quality?: Quality; poster?: number },
): Record<string, unknown> {
  const { picture, sound, source, timeline } = plan;
  const isByName = 'crf' in rate && (preset !== undefined || _crf === undefined);
  const reduction = (1 - size / source.size) * 100;
  const encoded = {
    ...(isByName ? { preset: preset ?? 'balanced' } : {}),
    ...rate,
    passes,
    width: picture.width,
    height: picture.height,
    fps: Math.round((made?.fps ?? picture.fps) * 1000) / 1000,
    audio: sound.kind,
    ...(sound.kind === 'none' ? {} : { audio_bitrate: Math.round(sound.bitrate) }),
    trim: timeline.isTrimmed
      ? { start: timeline.start, end: timeline.start + timeline.duration }
      : undefined,
  };
  return {
    ...options,
    resolution: options.resolution ?? 'source',
    ...(made ? encoded : { ...rate, original: true }),
    poster: poster ?? false,
    input_bytes: source.size,
    output_bytes: size,
    reduction_percent: Math.round(reduction * 100) / 100,
    quality: quality ?? null,
  };
}
