import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engines } from '../../../engines/engines.ts';
import type { VideoType } from '../../../engines/ffmpeg/guards.ts';
import type { Ffmpeg } from '../../../engines/ffmpeg.ts';
import { testJob } from '../../../testing/test-job.ts';
import { runVideoCompress } from '../run.ts';

export type Clip = { path: string; type: VideoType };

/** Clips in a folder of their own, drawn by ffmpeg. */
export function createClips(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `nebula-${name}-`));
  let made = 0;
  return {
    folder,
    /** Runs ffmpeg with `args` before the name of a new clip. */
    make: (type: VideoType, ...args: string[]): Clip => {
      const path = join(folder, `clip-${made++}.${type}`);
      ffmpeg(...args, path);
      return { path, type };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const lavfi = (graph: string) => ['-f', 'lavfi', '-i', graph];
export const x264 = (crf = 16) => ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', `${crf}`];

export function ffmpeg(...args: string[]): string {
  const all = ['-nostdin', '-v', 'error', '-y', ...args];
  return execFileSync('ffmpeg', all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

type Track = {
  codec_type: string;
  codec_name: string;
  codec_tag_string: string;
  width?: number;
  height?: number;
  pix_fmt?: string;
  avg_frame_rate?: string;
  channels?: number;
  sample_aspect_ratio?: string;
  nb_frames?: string;
  side_data_list?: unknown[];
};

/** What ffprobe says of a file, without our guards and our reading of it. */
export function describeFile(path: string) {
  const json = execFileSync(
    'ffprobe',
    ['-v', 'error', '-show_streams', '-show_format', '-show_chapters', '-of', 'json', path],
    { encoding: 'utf8' },
  );
  const { chapters, format, streams } = JSON.parse(json) as {
    streams: Track[];
    chapters: unknown[];
    format: { duration: string; tags?: Record<string, string> };
  };
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  const tags = format.tags ?? {};
  return { streams, chapters, video, audio, duration: Number(format.duration), tags };
}

/** The names of the outermost boxes of an MP4, in order. */
export function boxesOf(path: string): string[] {
  const data = readFileSync(path);
  const names: string[] = [];
  for (let at = 0; at + 8 <= data.length; ) {
    names.push(data.toString('latin1', at + 4, at + 8));
    at += data.readUInt32BE(at) || data.length;
  }
  return names;
}

/** Runs the tool, and looks at its outputs before they are removed. */
export async function compress(
  ffmpegEngine: Ffmpeg,
  options: Record<string, unknown>,
  clip: Clip,
  { timeoutMs = 60_000 } = {},
) {
  const job = testJob('video-compress', options, [clip], { timeoutMs });
  const heard: Parameters<typeof job.progress>[0][] = [];
  job.progress = (progress) => heard.push(progress);
  try {
    const engines = { ffmpeg: ffmpegEngine } as Engines;
    const { files, optionsEffective } = await runVideoCompress(job, engines);
    const outputs = files.map((file) => ({ ...file, data: readFileSync(file.path) }));
    const [first] = outputs;
    if (!first) throw new Error('no output');
    return {
      ...first,
      outputs,
      size: first.data.length,
      about: describeFile(first.path),
      boxes: first.type === 'mp4' ? boxesOf(first.path) : [],
      codes: job.warnings.map(({ code }) => code),
      effective: optionsEffective,
      quality: (optionsEffective.quality as { score: number; frames: number } | null)?.score ?? 0,
      heard,
    };
  } finally {
    job.remove();
  }
}
