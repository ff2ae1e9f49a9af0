import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import createCommand from 'fluent-ffmpeg';
import type { Ffmpeg, VideoFile } from '../../engines/ffmpeg.ts';
import { addInput, argumentsOf, type EncodePlan, markGraph } from './build-arguments.ts';
import type { VideoSource } from './open-source.ts';
import type { Timeline } from './plan-timeline.ts';
import type { CompressJob } from './run.ts';

/** How like the output is to the source, in the brightness of its pictures: 1 is the same. */
export type Quality = { metric: 'ssim'; score: number; frames: number };

/** A run of pictures of the output that is compared, in seconds. */
export type Sample = { at: number; frames: number };

/** What may be compared without taking notable time; less is compared as a whole. */
const sampledPixels = 16_000_000;
/** Where the samples of a longer video lie. */
const places = [1 / 6, 1 / 2, 5 / 6];
const sampledFromSeconds = 10;

/**
 * Chooses what will be compared. Samples of long videos begin where the source can be opened without
 * decoding what lies before, and the encoder is told to put a keyframe there too.
 */
export async function chooseSamples(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  source: VideoSource,
  timeline: Timeline,
): Promise<Sample[]> {
  const { fps, height, width } = source.video;
  const { duration, start } = timeline;
  const affordable = sampledPixels / (width * height);
  if (duration * fps <= affordable) return [{ at: 0, frames: Math.ceil(affordable) }];
  const frames = (count: number) => Math.min(30, Math.max(4, Math.round(affordable / count)));
  if (duration < sampledFromSeconds) return [{ at: 0, frames: frames(1) }];
  const wanted = places.map((place) => source.startsAt + start + duration * place);
  const found = (await ffmpeg.keyframes(source, wanted, job).catch(() => []))
    .map((time) => time - source.startsAt - start)
    .filter((at) => at > 0 && at < duration - 1)
    .filter((at, index, all) => all.findIndex((other) => Math.abs(other - at) < 1) === index);
  if (found.length === 0) return [{ at: 0, frames: frames(1) }];
  return found.map((at) => ({ at, frames: frames(found.length) }));
}

/** What the encoder said of the pictures that it was given, when it was told to compare them. */
export function readQuality(stderr: string, frames: number): Quality | undefined {
  const score = Number(/SSIM Mean Y: *([\d.]+)[^\n]*\n?$/.exec(stderr)?.[1]);
  return Number.isFinite(score) ? { metric: 'ssim', score: round(score), frames } : undefined;
}

/** Compares the samples at the size of the source; undefined where that fails. */
export async function measureQuality(
  job: CompressJob,
  ffmpeg: Ffmpeg,
  plan: EncodePlan,
  output: string,
  samples: Sample[],
): Promise<Quality | undefined> {
  const logs = samples.map((_sample, index) => `ssim-${index}.log`);
  try {
    await ffmpeg.run(compareArguments(plan, output, samples, logs), job);
    const texts = await Promise.all(logs.map((log) => readFile(join(job.dir, log), 'latin1')));
    const scores = [...texts.join('\n').matchAll(/\bY:([\d.]+)/g)].map(([, score]) =>
      Number(score),
    );
    if (scores.length > 0) {
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      return { metric: 'ssim', score: round(mean), frames: scores.length };
    }
  } catch (error) {
    if (job.signal.aborted) throw error;
  } finally {
    await Promise.all(logs.map((log) => rm(join(job.dir, log), { force: true })));
  }
  job.warn('quality_not_measured', 'The likeness to the source could not be measured.');
  return undefined;
}

/**
 * Pairs the pictures by their order, because the times of two containers differ by their rounding.
 * Both begin half a picture late, so that this rounding cannot move one of them by a picture.
 */
function compareArguments(
  { picture, source, timeline }: EncodePlan,
  output: string,
  samples: Sample[],
  logs: string[],
): string[] {
  const command = createCommand();
  const { convertFps } = picture;
  const { fps, height, index: track, width } = source.video;
  const made: VideoFile = { path: output, type: 'mp4' };
  const format = { filter: 'format', options: 'yuv420p' };
  const scale = { filter: 'scale', options: { w: width, h: height } };
  const graph = samples.flatMap(({ at, frames }, index) => {
    const duration = (frames + 3) / Math.min(fps, picture.fps) + 0.5;
    const span = convertFps === undefined ? betweenPictures(at, fps) : onGrid(at, convertFps);
    addInput(command, source, { start: timeline.start + span.source, duration });
    addInput(command, made, { start: span.output, duration });
    const rate = convertFps ? [{ filter: 'fps', options: { fps: convertFps, start_time: 0 } }] : [];
    const cut = [{ filter: 'trim', options: `end_frame=${frames}` }, ...aligned];
    const original = `${index * 2}:${track}`;
    const shown = picture.isMarked ? `marked${index}` : original;
    // The mark is no loss: it is laid over the source as well.
    const ends = { from: `[${original}]`, label: String(index), to: `[${shown}]` };
    return [
      ...(picture.isMarked ? [markGraph(picture, { ...ends, scaled: source.video })] : []),
      ...chain([...rate, format, ...cut], shown, `s${index}`),
      ...chain([scale, format, ...cut], `${index * 2 + 1}:0`, `o${index}`),
      {
        filter: 'ssim',
        options: `stats_file=${logs[index]}`,
        inputs: [`o${index}`, `s${index}`],
        outputs: `q${index}`,
      },
    ];
  });
  command.complexFilter(graph as never);
  for (const index of samples.keys())
    command
      .output('-')
      .outputOptions('-map', `[q${index}]`, '-fps_mode', 'passthrough')
      .format('null');
  return argumentsOf(command);
}

/** Where pictures are kept as they come: both files open in the middle of a gap. */
function betweenPictures(at: number, fps: number): { source: number; output: number } {
  const late = at > 0 ? 0.5 / fps : 0;
  return { source: at + late, output: at + late };
}

/** Where pictures are taken at a fixed rate: the source opens on a beat, the output just before. */
function onGrid(at: number, fps: number): { source: number; output: number } {
  const beat = Math.round(at * fps) / fps;
  return { source: beat, output: Math.max(0, beat - 0.5 / fps) };
}

/** One picture a second: a time base that every picture of any rate can have. */
const aligned = [
  { filter: 'settb', options: '1/1000' },
  { filter: 'setpts', options: 'N*1000' },
  { filter: 'setsar', options: '1' },
];

/** Filters one after another, from an input to a label. */
function chain(filters: object[], input: string, label: string): object[] {
  return filters.map((filter, at) => ({
    ...filter,
    inputs: at === 0 ? input : `${label}x${at}`,
    outputs: at === filters.length - 1 ? label : `${label}x${at + 1}`,
  }));
}

const round = (score: number) => Math.round(score * 10_000) / 10_000;
