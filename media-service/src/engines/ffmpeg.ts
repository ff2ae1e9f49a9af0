import { AppError } from '@nebula/contract/errors';
import type { Env } from '../env.ts';
import type { Engine } from './engines.ts';
import { crashed, explainFailure } from './ffmpeg/explain-failure.ts';
import { fileUrl, inputGuards, type VideoType } from './ffmpeg/guards.ts';
import { type Probe, probeEntries, readProbe } from './ffmpeg/read-probe.ts';
import { createProgressReader, type EncodeProgress } from './ffmpeg/read-progress.ts';
import { type Room, runProcess } from './ffmpeg/run-process.ts';

/** A file of the job's folder that ffmpeg is to open. */
export type VideoFile = { path: string; type: VideoType };

/** FFmpeg: a process for each step of a job, one job at a time. */
export type Ffmpeg = Engine & {
  /** Looks at a file; AppError when it cannot be one that is worked on. */
  probe: (file: VideoFile, room: Room) => Promise<Probe>;
  /** Times of packets that a decoder can begin with, at or before each of `seconds`. */
  keyframes: (file: VideoFile, seconds: number[], room: Room) => Promise<number[]>;
  /**
   * Runs ffmpeg; `args` are what follows the options that every run has.
   *
   * @returns what it last said of its progress, and its complaints
   */
  run: (
    args: readonly string[],
    room: Room,
    onProgress?: (progress: EncodeProgress) => void,
  ) => Promise<{ last: EncodeProgress; stderr: string }>;
};

const maxProbeBytes = 256 * 1024;
const everyRun = ['-nostdin', '-hide_banner', '-v', 'error', '-nostats', '-y'];
const progressOptions = ['-progress', 'pipe:1', '-stats_period', '0.5'];

export function createFfmpeg(env: Env, { stallMs = 30_000 } = {}): Ffmpeg {
  let version = '';
  let busy = 0;

  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
    }
  };

  const print = async (command: string, args: string[], room: Room) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onOutput = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxProbeBytes)
        throw new AppError('input_too_complex', 'The video has too many tracks to describe.');
      chunks.push(chunk);
      return false;
    };
    const ended = await runProcess(command, args, room, { onOutput, stallMs });
    if (ended.status !== 0) throw explainFailure(ended);
    return { ...ended, text: Buffer.concat(chunks).toString('utf8') };
  };

  const look = (file: VideoFile, entries: string[], room: Room) =>
    counted(() =>
      print(
        env.FFPROBE_PATH,
        ['-v', 'error', ...inputGuards(file.type), ...entries, '-of', 'json', fileUrl(file.path)],
        room,
      ),
    );

  return {
    start: async () => {
      const room = { dir: '/', signal: AbortSignal.timeout(20_000) };
      const { text } = await print(env.FFMPEG_PATH, ['-version'], room);
      version = /^ffmpeg version (\S+)/.exec(text)?.[1] ?? 'unknown';
    },
    stop: async () => {},
    health: () => ({
      ready: version !== '',
      version,
      slots: 1,
      busy: Math.min(1, busy),
      restarts: 0,
    }),
    probe: async (file, room) => {
      const ended = await look(file, ['-show_entries', probeEntries], room);
      const probe = readOrCrash(ended.text);
      // Pictures without a size are those that the decoder refused, and only its complaint says why.
      if (probe.video && probe.video.width * probe.video.height === 0) throw explainFailure(ended);
      return probe;
    },
    keyframes: async (file, seconds, room) => {
      const intervals = seconds.map((second) => `${second.toFixed(3)}%+#1`).join(',');
      const entries = ['-select_streams', 'V:0', '-read_intervals', intervals];
      const shown = [...entries, '-show_entries', 'packet=pts_time,flags'];
      return readKeyframes((await look(file, shown, room)).text);
    },
    run: (args, room, onProgress) =>
      counted(async () => {
        let last: EncodeProgress = { frames: 0, fps: 0, speed: 0, outSeconds: 0, bytes: 0 };
        const onOutput = createProgressReader((progress) => {
          last = progress;
          onProgress?.(progress);
        });
        const all = [...everyRun, ...progressOptions, ...args];
        const ended = await runProcess(env.FFMPEG_PATH, all, room, { onOutput, stallMs });
        if (ended.status !== 0) throw explainFailure(ended);
        return { last, stderr: ended.stderr };
      }),
  };
}

function readOrCrash(json: string): Probe {
  try {
    return readProbe(json);
  } catch (cause) {
    throw crashed(cause);
  }
}

function readKeyframes(json: string): number[] {
  const { packets = [] } = JSON.parse(json) as {
    packets?: { pts_time?: string; flags?: string }[];
  };
  return packets
    .filter(({ flags }) => flags?.startsWith('K'))
    .map(({ pts_time }) => Number(pts_time))
    .filter((time) => Number.isFinite(time) && time >= 0);
}
