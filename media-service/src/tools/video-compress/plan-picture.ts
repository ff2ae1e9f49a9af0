import { AppError } from '@nebula/contract/errors';
import { maxFramePixels, shortSides } from '@nebula/contract/tools/video-compress';
import type { VideoTrack } from '../../engines/ffmpeg/read-probe.ts';
import type { CompressJob } from './run.ts';

/** Size and rate of the pictures of the output. */
export type Picture = {
  width: number;
  height: number;
  /** The mark of a test key lies over it; its file is in the job's folder. */
  isMarked: boolean;
  /** The size differs from that of the source. */
  isScaled: boolean;
  /** Pictures per second that the encoder reckons with. */
  fps: number;
  /** Present where pictures are dropped or doubled to reach the rate. */
  convertFps?: number;
};

type Size = { width: number; height: number };

/** Above this a rate is an error of the file, or a camera that nobody plays at full speed. */
const maxFps = 240;

/** Sides to which a target that is too small for its resolution goes down. */
const ladder = [2160, 1440, 1080, 720, 480, 360, 240, 144];

export function planPicture(
  { isTest, options, warn }: CompressJob,
  video: VideoTrack,
  duration: number,
): Picture {
  const { resolution = 'source' } = options;
  const asked = resolution === 'source' ? undefined : shortSides[resolution];
  const short = Math.min(video.width, video.height);
  const isLarger = asked !== undefined && asked > short;
  if (isLarger && !options.upscale)
    warn('not_upscaled', `The video has a shorter side of ${short} pixels; ${resolution} is more.`);
  const side = asked === undefined || (isLarger && !options.upscale) ? short : asked;
  const size = withShortSide(video, side);
  expectSize(size);
  warnOfColors(warn, video);
  if (options.fps === undefined && video.fps > maxFps)
    warn('frame_rate_reduced', `${Math.round(video.fps)} pictures per second became ${maxFps}.`);
  const convertFps = options.fps ?? (video.fps > maxFps ? maxFps : undefined);
  if (convertFps !== undefined) expectPictures(convertFps, duration);
  const isScaled = isOther(size, video);
  return { ...size, isMarked: isTest, isScaled, fps: convertFps ?? video.fps, convertFps };
}

/** The next smaller picture of the ladder, or undefined at its end. */
export function nextSmaller(picture: Picture): Picture | undefined {
  const short = Math.min(picture.width, picture.height);
  const side = ladder.find((step) => step < short);
  if (side === undefined) return undefined;
  return { ...picture, ...withShortSide(picture, side), isScaled: true };
}

/** Sides are even, because 4:2:0 has one colour for two pixels. */
function withShortSide({ height, width }: Size, side: number): Size {
  const scale = side / Math.min(width, height);
  const even = (value: number) => Math.max(2, Math.round((value * scale) / 2) * 2);
  const down = (value: number) => Math.max(2, Math.floor(value / 2) * 2);
  if (scale === 1) return { width: down(width), height: down(height) };
  return { width: even(width), height: even(height) };
}

function expectSize({ height, width }: Size): void {
  const pixels = width * height;
  if (pixels <= maxFramePixels && Math.max(width, height) <= 16_384) return;
  const message = `The output would have ${width} x ${height} pixels; at most ${maxFramePixels} in all and 16384 on a side are allowed.`;
  throw new AppError('input_too_many_pixels', message, {
    param: 'resolution',
    extra: { pixels, limit: maxFramePixels },
  });
}

/** At too low a rate a short video would have no picture at all. */
function expectPictures(fps: number, duration: number): void {
  if (fps * duration >= 1) return;
  const least = Math.ceil(1 / duration);
  const message = `Expected fps of at least ${least} for a video of ${duration} seconds, received ${fps}.`;
  throw new AppError('invalid_input', message, {
    param: 'fps',
    errors: [{ path: 'fps', message, expected: `at least ${least}`, received: fps }],
  });
}

function isOther(size: Size, { height, width }: Size): boolean {
  return size.width !== width || size.height !== height;
}

function warnOfColors(warn: CompressJob['warn'], { pixelFormat }: VideoTrack): void {
  if (
    /(p|gray|gbrap?)(9|10|12|14|16)(le|be)?$|^p010|^x2rgb10|48(le|be)$|64(le|be)$/.test(pixelFormat)
  )
    warn('color_depth_reduced', `The colours (${pixelFormat}) were reduced to 8 bits.`);
  if (/^(yuva|rgba|bgra|argb|abgr|gbrap|ya\d|pal8)/.test(pixelFormat))
    warn('alpha_flattened', 'MP4 has no transparency; it was left out.');
}
