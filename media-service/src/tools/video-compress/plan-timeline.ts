import { AppError } from '@nebula/contract/errors';
import type { VideoSource } from './open-source.ts';
import type { CompressJob } from './run.ts';

/** The part of the source that is kept, in seconds. */
export type Timeline = { start: number; duration: number; isTrimmed: boolean };

export function planTimeline({ options, warn }: CompressJob, source: VideoSource): Timeline {
  const { end, start = 0 } = options.trim ?? {};
  if (start >= source.duration) {
    const expected = `before the end of the video at ${seconds(source.duration)} seconds`;
    const message = `Expected trim.start ${expected}, received ${start}.`;
    throw new AppError('invalid_input', message, {
      param: 'trim.start',
      errors: [{ path: 'trim.start', message, expected, received: start }],
    });
  }
  if (end !== undefined && end > source.duration + 0.05)
    warn(
      'time_clamped',
      `trim.end is ${end}, but the video ends at ${seconds(source.duration)} seconds.`,
      { field: 'trim.end', asked: end, used: source.duration },
    );
  const stop = Math.min(end ?? source.duration, source.duration);
  // Less than one picture would be an empty file.
  const duration = Math.max(stop - start, 1 / source.video.fps);
  return { start, duration, isTrimmed: start > 0 || stop < source.duration };
}

/** A time as ffmpeg and people read it: no exponent, at most microseconds. */
export function seconds(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}
