import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sniffFileType } from '@nebula/contract/file-types';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { VideoType } from '../../engines/ffmpeg/guards.ts';
import { createEngines } from '../../testing/create-engines.ts';
import { type Clip, compress, createClips, ffmpeg as draw, lavfi, x264 } from './testing/clips.ts';
import {
  aviWithPlaylist,
  editList,
  foreignReference,
  matroskaWithTracks,
  patchMatroska,
  replaceBox,
  withChannels,
} from './testing/hostile-files.ts';

const { ffmpeg } = createEngines();
const clips = createClips('hostile-video');
const secret = 'the secret of another tenant';
const small = lavfi('testsrc2=s=64x48:r=10:d=1');
let good: Clip;
let hits = 0;
const canary = createServer((_request, response) => {
  hits += 1;
  response.end('#EXTM3U');
});
let canaryUrl: string;
let secretPath: string;

beforeAll(async () => {
  await ffmpeg.start();
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  canaryUrl = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/x.mp4`;
  secretPath = join(clips.folder, 'secret.txt');
  writeFileSync(secretPath, secret);
  good = clips.make('mp4', ...small, ...x264(10));
});

afterAll(() => {
  canary.close();
  clips.remove();
});

afterEach(async () => {
  expect(hits, 'nobody called out').toBe(0);
  expect(childrenLeft()).toEqual([]);
  expect(await run(good)).toBe('video');
  expect(ffmpeg.health()).toMatchObject({ ready: true, busy: 0 });
});

/** Processes that we have started and that still run. */
function childrenLeft(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'latin1');
      } catch {
        return '';
      }
    })
    .filter(
      (stat) => stat.includes('(ff') && stat.split(') ')[1]?.split(' ')[1] === `${process.pid}`,
    );
}

let written = 0;

function write(data: Buffer | string, type: VideoType): Clip {
  const path = join(clips.folder, `hostile-${written++}.${type}`);
  writeFileSync(path, data);
  return { path, type };
}

/** `video`, or the code of the error; what is made never holds the secret. */
async function run(clip: Clip, options: Record<string, unknown> = {}, timeoutMs = 30_000) {
  try {
    const { outputs } = await compress(ffmpeg, options, clip, { timeoutMs });
    for (const { data } of outputs) expect(data.includes(secret)).toBe(false);
    return 'video';
  } catch (error) {
    expect(String((error as Error).message)).not.toContain(secret);
    return (error as { code?: string }).code ?? String(error);
  }
}

const refusals = ['unsupported_input', 'corrupt_input'];

describe('a playlist is no video, whatever its name', () => {
  const addresses: [string, () => string][] = [
    ['a file', () => `file://${secretPath}`],
    ['a web address', () => canaryUrl],
    ['concat', () => `concat:${secretPath}|${canaryUrl}`],
    ['subfile', () => `subfile,,start,0,end,20,,:${secretPath}`],
    ['data', () => 'data:video/mp4;base64,AAAA'],
    ['crypto', () => `crypto:${secretPath}`],
    ['a device', () => '/dev/zero'],
    ['another playlist', () => `${secretPath}.m3u8`],
  ];

  it.each(addresses)('of %s', async (_name, address) => {
    const list = `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${address()}\n#EXT-X-ENDLIST\n`;
    expect(sniffFileType(Buffer.from(list))).toBeUndefined();
    for (const type of ['mp4', 'mov', 'avi', 'mkv', 'mpg', 'ts'] as const)
      expect(refusals, type).toContain(await run(write(list, type)));
  });

  it.each(addresses)(
    'nor is one of %s that lies in an AVI as its subtitles',
    async (_name, address) => {
      const film = readFileSync(clips.make('avi', ...small, '-c:v', 'mpeg4').path);
      const list = `#EXTM3U\n#EXTINF:10,\n${address()}\n#EXT-X-ENDLIST\n`;
      const hidden = write(aviWithPlaylist(film, list), 'avi');
      expect(['video', ...refusals]).toContain(await run(hidden));
    },
  );

  it('that names itself', async () => {
    const path = join(clips.folder, 'self.mp4');
    writeFileSync(path, `#EXTM3U\n#EXTINF:1,\nfile://${path}\n`);
    expect(refusals).toContain(await run({ path, type: 'mp4' }));
  });

  it.each([
    ['ffconcat', () => `ffconcat version 1.0\nfile ${secretPath}\n`],
    [
      'DASH',
      () =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${canaryUrl}</BaseURL></MPD>`,
    ],
    ['SDP', () => 'v=0\nc=IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n'],
    ['subtitles', () => '[Script Info]\nScriptType: v4.00+\n'],
  ])('and so is %s', async (_name, text) => {
    expect(refusals).toContain(await run(write(text(), 'mp4')));
  });

  it('a movie whose data lies in another file', async () => {
    const whole = readFileSync(good.path);
    const path = ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref'];
    const address = foreignReference(`file://${secretPath}`);
    const outcome = await run(write(replaceBox(whole, path, address), 'mov'));
    expect(['video', 'engine_crashed', ...refusals]).toContain(outcome);
  });

  it('subtitles and attachments of a film are not carried over', async () => {
    const subtitles = join(clips.folder, 's.srt');
    writeFileSync(subtitles, `1\n00:00:00,000 --> 00:00:01,000\n${secret}\n`);
    const attach = ['-attach', secretPath, '-metadata:s:t', 'mimetype=text/plain'];
    const film = clips.make(
      'mkv',
      ...small,
      '-i',
      subtitles,
      ...x264(10),
      '-c:s',
      'ass',
      ...attach,
    );
    const { about, codes } = await compress(ffmpeg, {}, film);
    expect(about.streams).toHaveLength(1);
    expect(codes).toContain('streams_dropped');
  });
});

describe('what has no end is ended', () => {
  it('ten hours at one picture a second', async () => {
    const long = clips.make(
      'mkv',
      ...lavfi('color=s=32x32:r=1:d=36000'),
      '-c:v',
      'mpeg4',
      '-q:v',
      '31',
    );
    expect(await run(long, { speed: 'slow', codec: 'h265' }, 1500)).toBe('tool_timeout');
  });

  it('a duration of 2^40 seconds is a lie', async () => {
    const film = [...lavfi('testsrc2=s=320x240:r=10:d=1'), ...x264(10)];
    const source = readFileSync(clips.make('mkv', ...film).path);
    const clip = write(patchMatroska(source, '4489', 2 ** 40 * 1000), 'mkv');
    const { about } = await compress(ffmpeg, {}, clip);
    expect(about.duration).toBeCloseTo(1, 0);
    expect(await run(clip, { target_reduction: 60 })).toBe('video');
  });

  it('five thousand tracks', async () => {
    const outcome = await run(write(matroskaWithTracks(5000), 'mkv'));
    expect(['input_too_complex', 'corrupt_input']).toContain(outcome);
  });

  it('a hundred thousand chapters', async () => {
    const text = join(clips.folder, 'chapters.txt');
    const chapter = (_none: unknown, at: number) =>
      `[CHAPTER]\nTIMEBASE=1/100000\nSTART=${at}\nEND=${at + 1}\n`;
    writeFileSync(text, `;FFMETADATA1\n${Array.from({ length: 100_000 }, chapter).join('')}`);
    const clip = clips.make('mkv', ...small, '-i', text, '-map_chapters', '1', ...x264(10));
    const { about } = await compress(ffmpeg, { crf: 28, audio: 'aac', fps: 10 }, clip);
    expect(about.chapters).toEqual([]);
  });

  it('a million pictures a second', async () => {
    const args = [...lavfi('testsrc2=s=64x48:r=1000000:d=0.0002'), ...x264(10)];
    const fast = clips.make('mp4', ...args, '-video_track_timescale', '1000000');
    expect(await run(fast)).toBe('invalid_input');
    const slower = clips.make('mp4', ...lavfi('testsrc2=s=64x48:r=5000:d=0.1'), ...x264(10));
    expect(await run(slower)).toBe('video');
  });

  it('an edit list that plays one second ten thousand times', async () => {
    const whole = readFileSync(good.path);
    const looped = replaceBox(whole, ['moov', 'trak', 'edts', 'elst'], editList(10_000));
    const outcome = await run(write(looped, 'mp4'), {}, 5000);
    expect(['video', 'tool_timeout', ...refusals]).toContain(outcome);
  });
});

describe('what is too large is refused before it is decoded', () => {
  it('pictures of 8192 x 8192', async () => {
    const huge = clips.make('mov', ...lavfi('color=s=8192x8192:r=1:d=1'), '-c:v', 'mjpeg');
    expect(await run(huge)).toBe('input_too_many_pixels');
  });

  it('a header of 60,000 x 60,000', async () => {
    const source = readFileSync(clips.make('avi', ...small, '-c:v', 'huffyuv').path);
    const at = source.indexOf('strf') + 8;
    source.writeInt32LE(60_000, at + 4);
    source.writeInt32LE(60_000, at + 8);
    expect(['input_too_many_pixels', 'corrupt_input']).toContain(await run(write(source, 'avi')));
  });

  it('a million samples of sound a second, or 255 channels', async () => {
    const sound = [...lavfi('sine=d=1'), '-c:a', 'pcm_s16le'];
    const source = readFileSync(clips.make('mkv', ...small, ...sound, ...x264(10)).path);
    expect(await run(write(patchMatroska(source, 'b5', 1e6), 'mkv'))).toBe('input_too_complex');
    expect(await run(write(withChannels(source, 255), 'mkv'))).toBe('input_too_complex');
    // The reader itself puts a common rate in the place of one that no sound has.
    expect(await run(write(patchMatroska(source, 'b5', 4e9), 'mkv'))).toBe('video');
  });

  it.each(['magicyuv', 'exr'])('the codec %s is not read', async (codec) => {
    const format = codec === 'exr' ? ['-pix_fmt', 'gbrpf32le'] : [];
    const clip = clips.make('mkv', ...small, '-c:v', codec, ...format);
    expect(await run(clip)).toBe('unsupported_input');
  });

  it('sound without a picture', async () => {
    const clip = clips.make('mp4', ...lavfi('sine=d=1'), '-c:a', 'aac');
    expect(await run(clip)).toBe('unsupported_input');
  });
});

describe('a damaged file is an error or a warning, never a silent half', () => {
  const long = [...lavfi('testsrc2=s=160x120:r=25:d=4'), ...x264(10)];
  it.each([
    ['mp4', ['-movflags', '+faststart']],
    ['mkv', []],
    ['flv', []],
    ['avi', []],
  ] as [VideoType, string[]][])('%s, cut at each fifth', async (type, args) => {
    const whole = readFileSync(clips.make(type, ...long, ...args).path);
    for (const fifth of [1, 2, 3, 4]) {
      const clip = write(whole.subarray(0, (whole.length * fifth) / 5), type);
      expect(await run(clip), `${fifth}/5`).toBe('corrupt_input');
    }
  });

  it('mutants end in a video or in a clear error', async () => {
    let seed = 20_261_123;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const kinds = [
      good,
      clips.make('mkv', ...small, ...x264(10)),
      clips.make('avi', ...small, '-c:v', 'mpeg4'),
    ];
    for (const { path, type } of kinds) {
      const whole = readFileSync(path);
      for (let round = 0; round < 12; round++) {
        const data = Buffer.from(whole);
        for (let flip = 0; flip < 8; flip++)
          data[64 + Math.floor(random() * (data.length - 64))] = Math.floor(random() * 256);
        const outcome = await run(write(data, type), { crf: 28 });
        const stated = [
          'video',
          'input_too_many_pixels',
          'input_too_complex',
          'target_unreachable',
        ];
        expect([...stated, ...refusals], `${type} ${round}`).toContain(outcome);
      }
    }
  }, 120_000);
});

it('the sources of these tests can be drawn', () => {
  expect(draw('-version')).toContain('libx264');
});
