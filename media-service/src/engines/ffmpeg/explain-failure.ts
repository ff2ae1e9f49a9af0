import { AppError } from '@nebula/contract/errors';
import { maxFramePixels } from '@nebula/contract/tools/video-compress';
import { shortageIn } from '../../jobs/shortage.ts';
import type { Ended } from './run-process.ts';

const causes: readonly [RegExp, (cause: Error) => AppError][] = [
  [
    /not on whitelist/,
    (cause) =>
      new AppError(
        'unsupported_input',
        'The file holds a format or a codec that is not read. Expected a common one, such as H.264, H.265, VP9, AV1, MPEG-2, MPEG-4 or ProRes.',
        { param: 'file', cause },
      ),
  ],
  [
    /exceeds specified max pixel count|Picture size \d+x\d+ is invalid|Invalid dimensions/,
    (cause) =>
      new AppError(
        'input_too_many_pixels',
        `The pictures of the video have more than ${maxFramePixels} pixels.`,
        { extra: { limit: maxFramePixels }, cause },
      ),
  ],
  [
    /requested bitrate is too low/,
    (cause) => new AppError('target_unreachable', 'The target is too small.', { cause }),
  ],
  [
    /max_streams|Cannot allocate memory/,
    (cause) =>
      new AppError('input_too_complex', 'The video needs more memory or tracks than one job has.', {
        cause,
      }),
  ],
  [
    /Invalid data found|moov atom not found|could not find codec|Could not find codec|End of file|partial file|ended prematurely|Header missing|does not contain any stream|Decoder .* not found|EOF|Invalid argument|Error while decoding|Operation not permitted|Error initializing filter|Cannot determine format/,
    (cause) =>
      new AppError('corrupt_input', 'The video is truncated or damaged and cannot be read.', {
        param: 'file',
        cause,
      }),
  ],
];

/** The public error for an ffmpeg or ffprobe that ended badly; what it said becomes the cause. */
export function explainFailure({ killedBy, status, stderr }: Ended): AppError {
  const cause = new Error(`ended with ${killedBy ?? status}: ${stderr.slice(0, 2000)}`);
  const known = killedBy ? undefined : causes.find(([pattern]) => pattern.test(stderr));
  return shortageIn(stderr) ?? known?.[1](cause) ?? crashed(cause);
}

/** For an engine that ended well and left nothing that could be used. */
export function crashed(cause: unknown): AppError {
  return new AppError('engine_crashed', 'The video engine made no usable output.', { cause });
}

/** Whether ffmpeg could not decode everything, although it ended well. */
export function saysDamaged(stderr: string): boolean {
  return /[Ee]rror while decoding|concealing|corrupt|Invalid data found|missing picture|partial file|ended prematurely|Invalid NAL|non-existing PPS|decode_slice_header error/.test(
    stderr,
  );
}
