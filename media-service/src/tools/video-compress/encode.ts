import { join } from 'node:path';
import { AppError } from '@nebula/contract/errors';
import type { Ffmpeg } from '../../engines/ffmpeg.ts';
import { type EncodePlan, encodeArguments, type Rate } from './build-arguments.ts';
import { checkOutput, type MadeVideo, sizeOf } from './check-output.ts';
import { type Quality, readQuality } from './measure-quality.ts';
import type { CompressJob } from './run.ts';

/** Where one pass lies between 0 and 100 percent of the job, and which it is. */
export type Span = { from: number; to: number; pass: number };

/** An output with what the encoder says of its likeness to the source, where it could measure it. */
export type EncodedVideo = MadeVideo & { quality?: Quality };

/** No output may be larger; more than any source, so that only a runaway meets it. */
const maxOutputBytes = 2 * 1024 ** 3;

/** The most bytes that an output may grow to before the encoder is told to stop. */
export function outputLimit(sourceBytes: number): number {
  return Math.min(maxOutputBytes, Math.max(64 * 1024 ** 2, sourceBytes * 4));
}

/**
 * Encodes the pictures once and looks at what came out.
 *
 * @param maxBytes the encoder stops there; undefined is answered, because the file is not whole
 */
export async function encodeOnce(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  plan: EncodePlan,
  { maxBytes, name, rate, span }: { rate: Rate; name: string; maxBytes: number; span: Span },
): Promise<EncodedVideo | undefined> {
  const path = join(job.dir, name);
  const args = encodeArguments(plan, rate, { output: path, maxBytes });
  const { last, stderr } = await runPass(job, ffmpeg, plan, args, span);
  if ((await sizeOf(path)) >= maxBytes) return undefined;
  const made = await checkOutput(job, ffmpeg, plan, { path, stderr });
  return { ...made, quality: readQuality(stderr, last.frames) };
}

/** Goes through the source once, telling how far it is. */
export function runPass(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  { timeline: { duration } }: EncodePlan,
  args: string[],
  { from, pass, to }: Span,
) {
  return ffmpeg.run(args, job, ({ fps, outSeconds, speed }) => {
    const done = Math.min(1, outSeconds / duration);
    const left = speed > 0 ? Math.round((duration * (1 - done)) / speed) : undefined;
    job.progress({
      percent: Math.round((from + (to - from) * done) * 10) / 10,
      stage: 'encoding',
      fps,
      speed,
      pass,
      ...(left === undefined ? {} : { eta_seconds: left }),
    });
  });
}

/** For an output that was meant to differ from the source, and grew without end. */
export function outputTooLarge(limit: number): AppError {
  const message = `The output would be larger than ${limit} bytes. Ask for a higher crf or a lower resolution.`;
  return new AppError('input_too_complex', message, { extra: { limit_bytes: limit } });
}
