import { AppError } from '@nebula/contract/errors';
import { maxFramePixels } from '@nebula/contract/tools/video-compress';
import { fileUrl, inputGuards, type VideoType } from '../../engines/ffmpeg/guards.ts';
import type { AudioTrack, VideoTrack } from '../../engines/ffmpeg/read-probe.ts';
import type { Room } from '../../engines/ffmpeg/run-process.ts';
import type { Ffmpeg, VideoFile } from '../../engines/ffmpeg.ts';
import { isCutAvi } from './expect-whole.ts';
import type { CompressJob } from './run.ts';

/** The input, looked at and found to be within the limits. */
export type VideoSource = VideoFile & {
  size: number;
  /** Seconds. */
  duration: number;
  startsAt: number;
  video: VideoTrack;
  audio?: AudioTrack;
};

const maxChannels = 32;
const maxSampleRate = 768_000;
const maxDuration = 86_400;

/** Looks at the input before any of it is decoded for long, and warns of what cannot be kept. */
export async function openSource(job: CompressJob, ffmpeg: Ffmpeg): Promise<VideoSource> {
  const input = job.files[0];
  if (!input)
    throw new AppError('invalid_input', 'Expected a file; received none.', { param: 'file' });
  const file: VideoFile = { path: input.path, type: input.type as VideoType };
  if (file.type === 'avi' && (await isCutAvi(file.path)))
    throw new AppError('corrupt_input', 'The video is truncated: it is shorter than it says.', {
      param: 'file',
    });
  const probe = await ffmpeg.probe(file, job);
  const { audio, others, startsAt, video } = probe;
  if (!video) {
    const message = 'Expected a file with a moving picture; this one has none.';
    throw new AppError('unsupported_input', message, { param: 'file' });
  }
  expectPicture(video);
  if (audio) expectSound(audio);
  const said = probe.duration;
  const isCredible = said !== undefined && said <= maxDuration;
  const duration = isCredible ? said : await measureDuration(file, job, ffmpeg);
  if (duration <= 0) throw new AppError('corrupt_input', 'The video holds no pictures.');
  if (duration > maxDuration) throw tooComplex(`${Math.round(duration)} seconds`, maxDuration);
  warnOfTracks(job, others);
  job.noteInput({ width: video.width, height: video.height, duration });
  return { ...file, size: input.size, duration, startsAt, video, audio };
}

/** Seconds of what can be read of a file, whatever its header says. Nothing is decoded. */
export async function measureDuration(file: VideoFile, room: Room, ffmpeg: Ffmpeg) {
  const copy = ['-map', '0:V:0', '-map', '0:a:0?', '-c', 'copy', '-f', 'null', '-'];
  const { last } = await ffmpeg.run(
    [...inputGuards(file.type), '-i', fileUrl(file.path), ...copy],
    room,
  );
  return last.outSeconds;
}

function expectPicture({ height, width }: VideoTrack): void {
  const pixels = width * height;
  if (pixels === 0) {
    const message = 'The pictures of the video have no size; the file is damaged.';
    throw new AppError('corrupt_input', message, { param: 'file' });
  }
  if (pixels <= maxFramePixels) return;
  const message = `The video has ${width} x ${height} pixels; at most ${maxFramePixels} in all are accepted.`;
  throw new AppError('input_too_many_pixels', message, {
    extra: { pixels, limit: maxFramePixels },
  });
}

function expectSound({ channels, sampleRate }: AudioTrack): void {
  if (channels > maxChannels) throw tooComplex(`${channels} channels of sound`, maxChannels);
  if (sampleRate > maxSampleRate)
    throw tooComplex(`${sampleRate} samples of sound per second`, maxSampleRate);
}

function tooComplex(found: string, limit: number): AppError {
  const message = `The video has ${found}; at most ${limit} are accepted.`;
  return new AppError('input_too_complex', message, { param: 'file', extra: { limit } });
}

function warnOfTracks(
  { options, warn }: CompressJob,
  others: { video: number; audio: number; subtitle: number },
): void {
  const counts = {
    picture: others.video,
    sound: options.audio === 'none' ? 0 : others.audio,
    subtitle: others.subtitle,
  };
  const left = Object.entries(counts).filter(([, count]) => count > 0);
  if (left.length === 0) return;
  const list = left.map(([kind, count]) => `${count} of ${kind}`).join(', ');
  warn('streams_dropped', `Further tracks were left out: ${list}.`, { tracks: counts });
}
