import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoType } from '../../engines/ffmpeg/guards.ts';
import { createEngines } from '../../testing/create-engines.ts';
import { type Clip, compress, createClips, lavfi, x264 } from './testing/clips.ts';

const { ffmpeg } = createEngines();
const clips = createClips('compress');
const run = (options: Record<string, unknown>, clip: Clip) => compress(ffmpeg, options, clip);
const sine = lavfi('sine=frequency=440:duration=3');
const aac = ['-c:a', 'aac', '-b:a', '64k'];

/** 320 x 240, 25 pictures a second, 3 seconds, AAC. */
let plain: Clip;

beforeAll(async () => {
  await ffmpeg.start();
  plain = clips.make('mp4', ...lavfi('testsrc2=s=320x240:r=25:d=3'), ...sine, ...x264(), ...aac);
});

afterAll(() => clips.remove());

describe('the output of a plain call', () => {
  it('is a smaller H.264 MP4 of the same length, size and rate, with its sound', async () => {
    const { about, duration, effective, size, ...file } = await run({}, plain);
    expect(file).toMatchObject({ type: 'mp4', width: 320, height: 240, codec: 'h264', fps: 25 });
    expect(about.video).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', nb_frames: '75' });
    expect(about.audio).toMatchObject({ codec_name: 'aac' });
    expect(about.duration).toBeCloseTo(3, 1);
    expect(duration).toBeCloseTo(about.duration, 2);
    expect(file.bitrate).toBeCloseTo((size * 8) / about.duration, -3);
    expect(effective).toMatchObject({ preset: 'balanced', crf: 23, audio: 'copy', passes: 1 });
    expect(file.quality).toBeGreaterThan(0.97);
  });

  it('begins to play before it is loaded', async () => {
    const { boxes } = await run({}, plain);
    expect(boxes.indexOf('moov')).toBeGreaterThan(0);
    expect(boxes.indexOf('moov')).toBeLessThan(boxes.indexOf('mdat'));
  });

  it('states the sizes and the reduction', async () => {
    const { effective, size } = await run({ preset: 'fast' }, plain);
    const input = effective.input_bytes as number;
    expect(effective.output_bytes).toBe(size);
    expect(effective.reduction_percent).toBeCloseTo((1 - size / input) * 100, 1);
  });

  it.each([
    {},
    { codec: 'h265' },
    { target_reduction: 60 },
    { codec: 'h265', target_reduction: 60 },
  ])('is the same to the byte each time: %j', async (options) => {
    const hashes = [await run(options, plain), await run(options, plain)].map(({ outputs }) =>
      createHash('sha256')
        .update(outputs[0]?.data ?? '')
        .digest('hex'),
    );
    expect(hashes[0]).toBe(hashes[1]);
  });

  it('tells percent, rates, time left and pass while it is made', async () => {
    const { heard } = await run({ target_reduction: 50 }, plain);
    const percents = heard.map(({ percent }) => percent);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    const encoding = heard.filter(({ stage }) => stage === 'encoding');
    expect(encoding.map(({ pass }) => pass)).toEqual(expect.arrayContaining([1, 2]));
    expect(encoding.some(({ eta_seconds, speed = 0 }) => speed > 0 && eta_seconds === 0)).toBe(
      true,
    );
  });
});

describe('quality', () => {
  it('falls with the preset, and so does the size', async () => {
    const runs = [];
    for (const preset of ['high_quality', 'balanced', 'fast'])
      runs.push(await run({ preset }, plain));
    const [best, middle, least] = runs;
    expect(runs.map(({ effective }) => effective.crf)).toEqual([18, 23, 28]);
    expect(best?.size).toBeGreaterThan(middle?.size ?? 0);
    expect(middle?.size).toBeGreaterThan(least?.size ?? 0);
    expect(best?.quality).toBeGreaterThan(middle?.quality ?? 1);
    expect(middle?.quality).toBeGreaterThan(least?.quality ?? 1);
  });

  it('may be given as a number', async () => {
    const { effective } = await run({ crf: 26, speed: 'medium' }, plain);
    expect(effective).toMatchObject({ crf: 26, speed: 'medium' });
    expect(effective).not.toHaveProperty('preset');
  });

  it('is that of the pictures, also when times and rate are changed', async () => {
    for (const options of [
      { trim: { start: 1.013 } },
      { fps: 10 },
      { fps: 12, trim: { start: 0.7 } },
    ])
      expect((await run(options, plain)).quality, JSON.stringify(options)).toBeGreaterThan(0.97);
  });

  it('of a long video is taken from samples, at the size of the source', async () => {
    const source = [...lavfi('testsrc2=s=960x540:r=25:d=11'), ...x264(14), '-g', '50'];
    const long = clips.make('mp4', ...source);
    const { effective, quality } = await run({ resolution: '480p' }, long);
    expect(effective.quality).toMatchObject({ metric: 'ssim' });
    expect((effective.quality as { frames: number }).frames).toBeLessThanOrEqual(90);
    expect(quality).toBeGreaterThan(0.85);
    expect(quality).toBeLessThan(0.999);
  });
});

describe('pictures', () => {
  const wide = () => clips.make('mp4', ...lavfi('testsrc2=s=1280x720:r=10:d=1'), ...x264());

  it('are scaled by their shorter side', async () => {
    expect(await run({ resolution: '480p' }, wide())).toMatchObject({ width: 854, height: 480 });
    const tall = clips.make('mp4', ...lavfi('testsrc2=s=720x1280:r=10:d=1'), ...x264());
    const { about, ...file } = await run({ resolution: '480p' }, tall);
    expect(file).toMatchObject({ width: 480, height: 854 });
    expect(about.video).toMatchObject({ width: 480, height: 854, sample_aspect_ratio: '1:1' });
  });

  it('are never enlarged unless that is asked', async () => {
    const kept = await run({ resolution: '480p' }, plain);
    expect(kept).toMatchObject({ width: 320, height: 240, codes: ['not_upscaled'] });
    const grown = await run({ resolution: '480p', upscale: true }, plain);
    expect(grown.codes).not.toContain('not_upscaled');
    expect(grown.about.video).toMatchObject({ width: 640, height: 480 });
  });

  it('get even sides', async () => {
    const odd = clips.make(
      'mkv',
      ...lavfi('testsrc2=s=321x241:r=10:d=1,format=yuv444p'),
      ...x264(),
    );
    const { about, quality } = await run({}, odd);
    expect(about.video).toMatchObject({ width: 320, height: 240, pix_fmt: 'yuv420p' });
    expect(quality).toBeGreaterThan(0.8);
  });

  it('are turned as the file says, and say nothing of it afterwards', async () => {
    const lying = clips.make('mp4', '-i', plain.path, '-c', 'copy', '-metadata:s:v:0', 'rotate=90');
    const { about, quality } = await run({}, lying);
    expect(about.video).toMatchObject({ width: 240, height: 320 });
    expect(about.video?.side_data_list).toBeUndefined();
    expect(quality).toBeGreaterThan(0.97);
  });

  it('come at the asked rate', async () => {
    const { about, duration } = await run({ fps: 10 }, plain);
    expect(about.video).toMatchObject({ avg_frame_rate: '10/1', nb_frames: '30' });
    expect(duration).toBeCloseTo(3, 1);
  });

  it('keep their uneven distances', async () => {
    const select = ['-vf', "select='lt(n,30)+not(mod(n,3))'", '-fps_mode', 'vfr'];
    const uneven = clips.make('mp4', ...lavfi('testsrc2=s=320x240:r=30:d=3'), ...select, ...x264());
    const { about, quality } = await run({}, uneven);
    expect(about.video?.nb_frames).toBe('50');
    // The last picture starts at 2.9 seconds, and nothing says how long it stands.
    expect(about.duration).toBeCloseTo(2.95, 1);
    expect(quality).toBeGreaterThan(0.97);
  });

  it('of ten bits become eight, with a warning', async () => {
    const deep = ['-pix_fmt', 'yuv420p10le', ...x264(10)];
    const clip = clips.make('mp4', ...lavfi('testsrc2=s=320x240:r=10:d=1'), ...deep);
    const { about, codes } = await run({}, clip);
    expect(about.video?.pix_fmt).toBe('yuv420p');
    expect(codes).toContain('color_depth_reduced');
  });

  it('are H.265 that Apple plays, when asked', async () => {
    const { about, codec } = await run({ codec: 'h265' }, plain);
    expect(codec).toBe('hevc');
    expect(about.video).toMatchObject({ codec_name: 'hevc', codec_tag_string: 'hvc1' });
  });
});

describe('sound', () => {
  it('is copied where it is AAC and small, encoded where it is not', async () => {
    expect((await run({}, plain)).effective.audio).toBe('copy');
    const low = await run({ audio_bitrate: '32k' }, plain);
    expect(low.effective).toMatchObject({ audio: 'aac', audio_bitrate: 32_000 });
    expect((await run({ audio: 'aac' }, plain)).effective.audio).toBe('aac');
  });

  it('is left out when asked', async () => {
    const { about, codes, effective } = await run({ audio: 'none' }, plain);
    expect(about.audio).toBeUndefined();
    expect(effective.audio).toBe('none');
    expect(codes).not.toContain('option_ignored');
    const told = await run({ audio: 'none', audio_bitrate: '64k' }, plain);
    expect(told.codes).toContain('option_ignored');
  });

  it('may be missing', async () => {
    const mute = clips.make('mp4', ...lavfi('testsrc2=s=320x240:r=25:d=1'), ...x264());
    const { about, codes } = await run({ audio: 'aac' }, mute);
    expect(about.streams).toHaveLength(1);
    expect(codes).toEqual([]);
  });

  it('of six channels becomes two, with a warning', async () => {
    const six = ['-ac', '6', '-c:a', 'ac3'];
    const clip = clips.make(
      'mkv',
      ...lavfi('testsrc2=s=320x240:r=25:d=3'),
      ...sine,
      ...x264(),
      ...six,
    );
    const { about, codes } = await run({}, clip);
    expect(about.audio).toMatchObject({ codec_name: 'aac', channels: 2 });
    expect(codes).toContain('audio_downmixed');
  });
});

describe('trim', () => {
  it.each([
    [{ start: 1 }, 2],
    [{ end: 1.2 }, 1.2],
    [{ start: 0.8, end: 2 }, 1.2],
  ])('%j keeps the part', async (trim, seconds) => {
    const { duration, effective } = await run({ trim, audio: 'aac' }, plain);
    expect(duration).toBeGreaterThan(seconds - 0.1);
    expect(duration).toBeLessThan(seconds + 0.1);
    expect(effective.trim).toMatchObject(trim);
  });

  it('past the end is clamped with a warning, or refused', async () => {
    const { codes, duration } = await run({ trim: { start: 1, end: 60 } }, plain);
    expect(duration).toBeCloseTo(2, 1);
    expect(codes).toEqual(['time_clamped']);
    await expect(run({ trim: { start: 30 } }, plain)).rejects.toMatchObject({
      code: 'invalid_input',
      details: { param: 'trim.start' },
    });
  });
});

describe('metadata', () => {
  const tags = ['-metadata', 'title=Secret', '-metadata', 'location=+59.3+018.1/'];
  const tagged = () => clips.make('mp4', '-i', plain.path, '-c', 'copy', ...tags);

  it('is left out, and kept when asked', async () => {
    const without = await run({}, tagged());
    expect(JSON.stringify(without.about.tags)).not.toContain('Secret');
    expect(without.outputs[0]?.data.includes('+59.3')).toBe(false);
    const kept = await run({ strip_metadata: false }, tagged());
    expect(kept.about.tags.title).toBe('Secret');
  });
});

describe('a poster', () => {
  it('comes as a second output of the size of the video, at the asked second', async () => {
    // One colour for each second shows which one was taken.
    const colors =
      'color=red:s=320x240:d=1[a];color=lime:s=320x240:d=1[b];color=blue:s=320x240:d=1[c];[a][b][c]concat=n=3';
    const clip = clips.make('mkv', '-filter_complex', colors, '-c:v', 'mpeg4', '-q:v', '2');
    for (const [poster, channel] of [
      [0.5, 0],
      [1.5, 1],
      [2.5, 2],
    ] as const) {
      const { outputs } = await run({ poster, audio: 'aac', fps: 25 }, clip);
      expect(outputs[1]).toMatchObject({ type: 'jpg', label: 'poster', width: 320, height: 240 });
      const { channels } = await sharp(outputs[1]?.data).stats();
      expect(channels[channel]?.mean, `second ${poster}`).toBeGreaterThan(200);
    }
  });

  it('true takes one near the beginning; past the end the last one is taken with a warning', async () => {
    const usual = await run({ poster: true }, plain);
    expect(usual.outputs).toHaveLength(2);
    expect(usual.effective.poster).toBeCloseTo(0.3, 2);
    const late = await run({ poster: 100 }, plain);
    expect(late.outputs).toHaveLength(2);
    expect(late.codes).toEqual(['time_clamped']);
  });
});

describe('no gain', () => {
  it('gives the original back, byte for byte', async () => {
    const slow = ['-c:v', 'libx264', '-preset', 'slow', '-crf', '34'];
    const small = clips.make('mkv', ...lavfi('testsrc2=s=320x240:r=25:d=3'), ...slow);
    const { codes, effective, outputs, ...file } = await run({ preset: 'high_quality' }, small);
    expect(codes).toEqual(['no_size_gain']);
    expect(file).toMatchObject({ type: 'mkv', width: 320, height: 240, codec: 'h264' });
    expect(effective).toMatchObject({ original: true, reduction_percent: 0 });
    expect(outputs[0]?.data.equals(readFileSync(small.path))).toBe(true);
  });

  it('is said, and the output given, when it was also changed', async () => {
    const tiny = clips.make('mp4', ...lavfi('testsrc2=s=320x240:r=25:d=2'), ...x264(40));
    const { codes, duration, type } = await run({ crf: 18, fps: 24 }, tiny);
    expect([type, codes]).toEqual(['mp4', ['no_size_gain']]);
    expect(duration).toBeCloseTo(2, 1);
  });

  it('comes of a target larger than the input', async () => {
    const { codes, effective } = await run({ target_bytes: 500_000_000 }, plain);
    expect(codes).toEqual(['no_size_gain']);
    expect(effective.original).toBe(true);
    const cut = await run({ target_bytes: 500_000_000, trim: { end: 2 } }, plain);
    expect(cut.codes).toContain('target_lowered');
  });
});

describe('inputs', () => {
  const picture = lavfi('testsrc2=s=320x240:r=25:d=3');
  const kinds: [VideoType, string[]][] = [
    ['mov', ['-c:v', 'prores', '-c:a', 'pcm_s16le']],
    ['mkv', ['-c:v', 'ffv1', '-c:a', 'flac']],
    ['webm', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-b:v', '2M', '-c:a', 'libopus']],
    ['avi', ['-c:v', 'mpeg4', '-q:v', '2', '-c:a', 'mp3']],
    ['flv', ['-c:v', 'flv1', '-q:v', '2', '-ar', '44100', '-c:a', 'mp3']],
    ['mpg', ['-c:v', 'mpeg2video', '-q:v', '2', '-c:a', 'mp2']],
    ['ts', ['-c:v', 'libx264', '-crf', '10', '-c:a', 'aac']],
  ];

  it.each(kinds)('%s becomes a playable MP4', async (type, encoding) => {
    const clip = clips.make(type, ...picture, ...sine, ...encoding);
    const { about, boxes, quality } = await run({ crf: 20 }, clip);
    expect(about.video).toMatchObject({ codec_name: 'h264', width: 320, height: 240 });
    expect(about.audio).toMatchObject({ codec_name: 'aac' });
    expect(about.duration).toBeCloseTo(3, 0);
    expect(boxes.indexOf('moov')).toBeLessThan(boxes.indexOf('mdat'));
    expect(quality).toBeGreaterThan(0.95);
  });

  it('without a duration in the header are measured', async () => {
    const live = clips.make('webm', ...picture, '-c:v', 'libvpx', '-b:v', '2M', '-live', '1');
    const { duration, effective } = await run({ target_reduction: 50 }, live);
    expect(duration).toBeCloseTo(3, 1);
    expect(effective.output_bytes).toBeLessThan((effective.input_bytes as number) * 0.53);
  });

  it('with tracks that do not fit say which were left out', async () => {
    const maps = ['-map', '0:v', '-map', '1:a', '-map', '1:a', ...x264(), ...aac];
    const clip = clips.make('mkv', ...picture, ...sine, ...maps);
    const { about, codes } = await run({}, clip);
    expect(about.streams).toHaveLength(2);
    expect(codes).toEqual(['streams_dropped']);
  });
});
