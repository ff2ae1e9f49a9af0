import { statSync } from 'node:fs';
import { isAppError } from '@nebula/contract/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoType } from '../../engines/ffmpeg/guards.ts';
import { createEngines } from '../../testing/create-engines.ts';
import { type Clip, compress, createClips, lavfi, x264 } from './testing/clips.ts';

const { ffmpeg } = createEngines();
const clips = createClips('target');
const sine = lavfi('sine=duration=2');
const noise = lavfi('anoisesrc=d=2:a=0.1');
const aac = ['-c:a', 'aac', '-b:a', '64k'];

const kinds: [string, VideoType, string[]][] = [
  [
    'drawn, with sound',
    'mp4',
    [...lavfi('testsrc2=s=320x240:r=25:d=2'), ...sine, ...x264(), ...aac],
  ],
  ['a zoom', 'mp4', [...lavfi('mandelbrot=s=320x240:r=25'), '-t', '2', ...x264(18)]],
  [
    'grain',
    'mp4',
    [...lavfi('testsrc2=s=320x180:r=25:d=2'), '-vf', 'noise=alls=25:allf=t', ...x264(23)],
  ],
  [
    'chaos',
    'mp4',
    [...lavfi('life=s=320x240:r=25:mold=10:ratio=0.3,format=yuv420p'), '-t', '2', ...x264(23)],
  ],
  [
    'a webm',
    'webm',
    [
      ...lavfi('testsrc2=s=352x288:r=15:d=2'),
      ...noise,
      '-c:v',
      'libvpx',
      '-b:v',
      '1M',
      '-c:a',
      'libopus',
    ],
  ],
  ['colours', 'mkv', [...lavfi('gradients=s=480x270:r=24:d=2:speed=0.1'), ...x264(14)]],
  [
    'upright',
    'mpg',
    [
      ...lavfi('testsrc2=s=240x426:r=30:d=2'),
      ...noise,
      '-c:v',
      'mpeg2video',
      '-b:v',
      '1500k',
      '-c:a',
      'mp2',
    ],
  ],
  [
    'old Flash',
    'flv',
    [
      ...lavfi('mandelbrot=s=320x180:r=30'),
      ...noise,
      '-t',
      '2',
      '-c:v',
      'flv1',
      '-b:v',
      '700k',
      '-ar',
      '44100',
      '-c:a',
      'mp3',
    ],
  ],
  ['motion JPEG', 'avi', [...lavfi('testsrc2=s=320x240:r=25:d=2'), '-c:v', 'mjpeg', '-q:v', '4']],
  ['a still', 'mov', [...lavfi('smptehdbars=s=320x180:r=25:d=2'), ...sine, ...x264(20), ...aac]],
];

beforeAll(() => ffmpeg.start());
afterAll(() => clips.remove());

/** How far the output is from its target, or undefined where the answer is that it cannot be met. */
async function missOf(reduction: number, clip: Clip): Promise<number | undefined> {
  try {
    const { effective } = await compress(ffmpeg, { target_reduction: reduction }, clip);
    const target = statSync(clip.path).size * (1 - reduction / 100);
    return (effective.output_bytes as number) / target - 1;
  } catch (error) {
    if (!isAppError(error) || error.code !== 'target_unreachable') throw error;
    expect(error.details.extra?.nearest_bytes).toBeGreaterThan(0);
    return undefined;
  }
}

/** How many reductions of each clip are tried; nine are all of them, from 10 to 90 percent. */
const stepsEach = Number(process.env.REDUCTION_STEPS ?? 1);

describe('a reduction of 10 to 90 percent', () => {
  it(
    'is met within 5 percent or refused, over ten kinds of clips; most are met',
    async () => {
      const misses: (number | undefined)[] = [];
      for (const [index, [name, type, args]] of kinds.entries()) {
        const clip = clips.make(type, ...args);
        for (let step = 0; step < stepsEach; step++) {
          const reduction = 10 + ((index + step) % 9) * 10;
          const miss = await missOf(reduction, clip);
          if (miss !== undefined)
            expect(Math.abs(miss), `${name}, ${reduction} %`).toBeLessThan(0.05);
          misses.push(miss);
        }
      }
      const met = misses.filter((miss) => miss !== undefined).length;
      expect(met / misses.length).toBeGreaterThanOrEqual(0.75);
    },
    300_000 * stepsEach,
  );
});

describe('a target in bytes', () => {
  const drawn = () =>
    clips.make(
      'mp4',
      ...lavfi('testsrc2=s=640x360:r=25:d=3'),
      ...lavfi('sine=d=3'),
      ...x264(),
      ...aac,
    );

  it('is not exceeded by more than the tolerance, and says what it took', async () => {
    const { effective, size } = await compress(ffmpeg, { target_bytes: 200_000 }, drawn());
    expect(size).toBeLessThanOrEqual(210_000);
    expect(size).toBeGreaterThanOrEqual(190_000);
    expect(effective).toMatchObject({ target_bytes: 200_000, output_bytes: size });
    expect(effective.passes).toBeGreaterThanOrEqual(2);
    expect(effective.video_bitrate).toBeGreaterThan(100_000);
  });

  it('is met by H.265 too', async () => {
    const { codec, size } = await compress(
      ffmpeg,
      { target_bytes: 150_000, codec: 'h265' },
      drawn(),
    );
    expect(codec).toBe('hevc');
    expect(Math.abs(size / 150_000 - 1)).toBeLessThan(0.05);
  });

  it('that is small lowers the resolution and the sound, with warnings', async () => {
    const { codes, height, size } = await compress(ffmpeg, { target_bytes: 40_000 }, drawn());
    expect(height).toBeLessThan(360);
    expect(codes).toEqual(expect.arrayContaining(['resolution_reduced', 'audio_bitrate_reduced']));
    expect(Math.abs(size / 40_000 - 1)).toBeLessThan(0.05);
  });

  it('keeps a resolution that was asked for', async () => {
    const options = { target_bytes: 60_000, resolution: 'source', audio: 'none' };
    const { codes, height } = await compress(ffmpeg, options, drawn());
    expect(height).toBe(360);
    expect(codes).not.toContain('resolution_reduced');
  });

  it('that cannot be met is refused with the nearest size', async () => {
    await expect(compress(ffmpeg, { target_bytes: 5_000 }, drawn())).rejects.toMatchObject({
      code: 'target_unreachable',
      status: 422,
      details: { extra: { target_bytes: 5_000, nearest_bytes: expect.any(Number) } },
    });
  });
});
