import { describe, expect, it } from 'vitest';
import { ffmpeg, lavfi, x264 } from '../tools/video-compress/testing/clips.ts';
import { createMarker, expectMarked } from './testing/marker.ts';

const { both, run, save } = createMarker('ffmpeg');

describe('video-compress', () => {
  const clip = (type: 'avi' | 'mp4', source: string, ...encoder: string[]) => {
    const file = save(Buffer.alloc(0), type);
    ffmpeg(...lavfi(`${source}:r=10:d=1`), ...encoder, file.path);
    return file;
  };
  const frameOf = (path = '') => {
    const frame = save(Buffer.alloc(0), 'png').path;
    ffmpeg('-ss', '0.5', '-i', path, '-frames:v', '1', frame);
    return frame;
  };

  it.each(['h264', 'h265'])('marks %s pictures and the poster', async (codec) => {
    const source = clip('avi', 'color=c=0x103080:s=240x160', '-c:v', 'mjpeg', '-q:v', '2');
    const options = { codec, poster: true, crf: 18, speed: 'fast' };
    const { live, test } = await both('video-compress', options, [source]);
    expect(test.files[0]?.data.equals(live.files[0]?.data ?? Buffer.alloc(0))).toBe(false);
    await expectMarked(frameOf(test.files[0]?.path), frameOf(live.files[0]?.path));
    await expectMarked(test.files[1]?.path, live.files[1]?.path);
  });

  it('meets its size, and measures the likeness beside the mark', async () => {
    const source = clip('mp4', 'testsrc2=s=500x500', ...x264(4));
    const options = { resolution: '480p', speed: 'fast' };
    const { live, test } = await both('video-compress', options, [source]);
    const scores = [live, test].map(
      ({ optionsEffective }) => (optionsEffective.quality as { score: number }).score,
    );
    expect(Math.abs((scores[0] ?? 0) - (scores[1] ?? 0))).toBeLessThan(0.02);
    const small = clip('mp4', 'testsrc2=s=160x120', ...x264(4));
    const sized = await run(
      ['video-compress', { target_reduction: 70, speed: 'fast' }, [small]],
      true,
    );
    const target = sized.optionsEffective.target_bytes as number;
    expect(Math.abs((sized.files[0]?.data.length ?? 0) / target - 1)).toBeLessThan(0.05);
  });

  it('gives back a file that it cannot make smaller as it was', async () => {
    const small = ['-c:v', 'libx264', '-preset', 'veryslow', '-crf', '51'];
    const source = clip('mp4', 'color=c=blue:s=200x120', ...small);
    const { live, test } = await both('video-compress', { crf: 18, poster: true }, [source]);
    expect(test.optionsEffective).toMatchObject({ original: true });
    expect(test.files[0]?.data.equals(live.files[0]?.data ?? Buffer.alloc(0))).toBe(true);
  });
});
