import createCommand, { type FfmpegCommand } from 'fluent-ffmpeg';
import { fileUrl, inputGuards } from '../../engines/ffmpeg/guards.ts';
import type { VideoFile } from '../../engines/ffmpeg.ts';
import { markFile } from '../../test-mark/picture.ts';
import type { VideoSource } from './open-source.ts';
import type { Picture } from './plan-picture.ts';
import type { Sound } from './plan-sound.ts';
import { seconds, type Timeline } from './plan-timeline.ts';

/** One run of the encoder, as numbers and names of a fixed list. */
export type EncodePlan = {
  source: VideoSource;
  timeline: Timeline;
  picture: Picture;
  sound: Sound;
  codec: 'h264' | 'h265';
  speed: 'fast' | 'medium' | 'slow';
  stripMetadata: boolean;
  /** Seconds of the output at which a picture must stand by itself. */
  keyframes: number[];
};

/** The encoder sees the pictures as they are in the source, so that it can compare them itself. */
export function measuresItself({ picture }: Pick<EncodePlan, 'picture'>): boolean {
  return !picture.isScaled;
}

/** How the bits are given out. */
export type Rate = { crf: number } | { bitrate: number; pass: 1 | 2 };

type Filter = { filter: string; options: Record<string, string | number> | string };

const encoders = { h264: 'libx264', h265: 'libx265' } as const;
const presets = { fast: 'veryfast', medium: 'medium', slow: 'slow' } as const;

/**
 * A job takes the two CPU tokens of one video, whatever the machine has. Fixed numbers also make
 * the output the same on every machine, because x264 cuts its work by threads.
 */
const decoderThreads = '2';
const x264Threads = '3';
/**
 * The assembly for one kind of processor reads beyond the end of a row whose blocks do not fill its
 * registers, and what it finds there depends on which buffer was free first: of small pictures one
 * run in twenty gave other bytes. What every processor can do gives the same everywhere, as fast.
 */
const x264Reproducible = 'cpu-independent=1';
const x265Threads = 'pools=2:frame-threads=2';

const bitexact = ['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'];

/** The arguments of one pass; pass 1 has no output. */
export function encodeArguments(
  plan: EncodePlan,
  rate: Rate,
  { output, maxBytes }: { output: string; maxBytes: number },
): string[] {
  const isFirst = 'pass' in rate && rate.pass === 1;
  const { picture, sound, source, timeline } = plan;
  const command = createCommand();
  addInput(command, source, timeline);
  command.output(isFirst ? '-' : fileUrl(output));
  command.outputOptions('-map', `0:${source.video.index}`);
  if (isFirst || sound.kind === 'none') command.noAudio();
  else addSound(command, sound);
  command.outputOptions('-dn', '-sn', ...metadataOptions(plan.stripMetadata), ...bitexact);
  command.videoCodec(encoders[plan.codec]);
  command.videoFilters(pictureFilters(source, picture) as never);
  command.outputOptions(...encoderOptions(plan, rate));
  if (picture.convertFps === undefined) command.outputOptions('-fps_mode', 'vfr');
  if (plan.keyframes.length > 0)
    command.outputOptions('-force_key_frames', plan.keyframes.map(seconds).join(','));
  if (timeline.isTrimmed) command.duration(seconds(timeline.duration));
  if (isFirst) command.format('null');
  else command.outputOptions('-movflags', '+faststart', '-fs', String(maxBytes)).format('mp4');
  return argumentsOf(command);
}

/** One moment of the source as a JPEG of the size of the output. */
export function posterArguments(
  { picture, source }: Pick<EncodePlan, 'picture' | 'source'>,
  second: number,
  output: string,
): string[] {
  const command = createCommand();
  addInput(command, source, { start: second });
  command.output(fileUrl(output)).noAudio().videoCodec('mjpeg');
  const filters = pictureFilters(source, { ...picture, convertFps: undefined }, 'yuvj420p');
  command.videoFilters(filters as never);
  command.outputOptions('-map', `0:${source.video.index}`, '-dn', '-sn', ...metadataOptions(true));
  command.outputOptions(...bitexact, '-frames:v', '1', '-q:v', '3', '-update', '1');
  return argumentsOf(command.format('image2'));
}

/** Opens a file under the guards, from a second on. */
export function addInput(
  command: FfmpegCommand,
  file: VideoFile,
  { duration, start }: { start: number; duration?: number },
): void {
  command.input(fileUrl(file.path)).inputOptions('-threads', decoderThreads);
  command.inputOptions(...inputGuards(file.type));
  if (start > 0) command.inputOptions('-ss', seconds(start));
  if (duration !== undefined) command.inputOptions('-t', seconds(duration));
}

/** The builder makes the list and never starts anything; a process is ours to guard and to kill. */
export function argumentsOf(command: FfmpegCommand): string[] {
  return (command as unknown as { _getArguments: () => string[] })._getArguments();
}

function addSound(command: FfmpegCommand, sound: Exclude<Sound, { kind: 'none' }>): void {
  command.outputOptions('-map', `0:${sound.index}`);
  if (sound.kind === 'copy') {
    command.audioCodec('copy');
    return;
  }
  command.audioCodec('aac').audioChannels(sound.channels).audioFrequency(sound.sampleRate);
  command.outputOptions('-b:a', String(sound.bitrate));
}

function metadataOptions(isStripped: boolean): string[] {
  const from = isStripped ? '-1' : '0';
  return ['-map_metadata', from, '-map_chapters', from];
}

function pictureFilters(source: VideoSource, picture: Picture, format = 'yuv420p') {
  const { convertFps, height, isMarked, isScaled, width } = picture;
  const filters: (Filter | string)[] = [];
  if (convertFps !== undefined) filters.push({ filter: 'fps', options: { fps: convertFps } });
  if (isScaled) filters.push({ filter: 'scale', options: { w: width, h: height } });
  if (isScaled && source.video.isSquare) filters.push({ filter: 'setsar', options: '1' });
  if (isMarked) filters.push(markGraph(picture));
  return [...filters, { filter: 'format', options: format }];
}

/**
 * Lays the mark over the middle of pictures. Without labels it is a link of a chain of filters.
 *
 * @param label tells its inner labels from those of others in the same graph
 * @param scaled for the same pictures at another size, with the mark as it becomes by scaling
 */
export function markGraph(
  { height, width }: Pick<Picture, 'height' | 'width'>,
  { from = '', label = '', scaled, to = '' }: MarkPlace = {},
): string {
  const side = Math.min(width, height);
  const [x = 0, y = 0] = [width, height].map((each) => 2 * Math.floor((each - side) / 4));
  const canvas = `,pad=${width}:${height}:${x}:${y}:white@0,scale=${scaled?.width}:${scaled?.height}`;
  return [
    `${from}null[plain${label}]`,
    `movie=${markFile},scale=${side}:${side}${scaled ? canvas : ''}[mark${label}]`,
    `[plain${label}][mark${label}]overlay=${scaled ? '0:0' : `${x}:${y}`}${to}`,
  ].join(';');
}

type MarkPlace = {
  from?: string;
  label?: string;
  to?: string;
  scaled?: { width: number; height: number };
};

function encoderOptions(plan: EncodePlan, rate: Rate): string[] {
  const { codec, picture, source, speed } = plan;
  const quality =
    'crf' in rate ? ['-crf', String(rate.crf)] : ['-b:v', String(Math.round(rate.bitrate))];
  const pass = 'pass' in rate ? rate.pass : undefined;
  // Where pictures come at uneven distances, the guess of the demuxer may be a thousand per second.
  const isGuessed = source.video.isVariable && picture.convertFps === undefined;
  const fps = isGuessed ? [`fps=${Math.round(picture.fps * 1000)}/1000`] : [];
  const common = ['-preset', presets[speed], ...quality];
  const isMeasured = pass !== 1 && measuresItself(plan);
  // What was measured is told as information, below the errors that every run tells.
  const telling = isMeasured ? ['-v', 'level+info'] : [];
  if (codec === 'h264') {
    const params = ['-x264-params', [x264Reproducible, ...fps].join(':')];
    const passes = pass ? ['-pass', String(pass), '-passlogfile', 'pass'] : [];
    const measure = isMeasured ? ['-ssim', '1'] : [];
    return [...common, ...telling, '-threads', x264Threads, ...params, ...passes, ...measure];
  }
  const passes = pass ? [`pass=${pass}`, 'stats=x265.log', 'slow-firstpass=0'] : [];
  const measure = isMeasured ? ['ssim=1', 'log-level=info'] : ['log-level=error'];
  const params = [x265Threads, ...fps, ...passes, ...measure].join(':');
  return [...common, ...telling, '-tag:v', 'hvc1', '-x265-params', params];
}
