import { describe, expect, it } from 'vitest';
import { videoCompress } from './video-compress.ts';

/** The fields at fault, and what is said of them; without any the options are good. */
function faults(input: Record<string, unknown>): string[] {
  const parsed = videoCompress.input.safeParse({ url: 'https://example.com/a.mp4', ...input });
  if (parsed.success) return [];
  return parsed.error.issues.map(({ message, path }) => `${path.join('.')}: ${message}`);
}

describe('the way to the size', () => {
  it('may be left out, or be any one of four', () => {
    for (const way of [{}, { preset: 'fast' }, { crf: 18 }, { crf: 28 }])
      expect(faults(way)).toEqual([]);
    for (const way of [{ target_reduction: 10 }, { target_reduction: 90 }, { target_bytes: 5000 }])
      expect(faults(way)).toEqual([]);
  });

  it.each([
    [{ preset: 'fast', crf: 20 }, 'crf', 'preset and crf'],
    [{ crf: 20, target_reduction: 50 }, 'target_reduction', 'crf and target_reduction'],
    [
      { target_reduction: 50, target_bytes: 5000 },
      'target_bytes',
      'target_reduction and target_bytes',
    ],
  ])('%j: of two the second is at fault', (options, field, named) => {
    const [fault] = faults(options);
    expect(fault).toContain(`${field}: Expected one of preset, crf`);
    expect(fault).toContain(named);
  });

  it.each([
    [{ crf: 17 }],
    [{ crf: 29 }],
    [{ crf: 20.5 }],
    [{ target_reduction: 9 }],
    [{ target_reduction: 91 }],
    [{ target_bytes: 10 }],
    [{ preset: 'best' }],
    [{ resolution: '8k' }],
    [{ codec: 'av1' }],
    [{ fps: 0 }],
    [{ fps: 61 }],
    [{ audio_bitrate: '1k' }],
    [{ audio_bitrate: '128k;rm -rf /' }],
    [{ poster: -1 }],
    [{ poster: 'x' }],
    [{ trim: { start: -1 } }],
    [{ trim: { start: 1, stop: 2 } }],
  ])('%j is refused', (options) => {
    expect(faults(options)).toHaveLength(1);
  });
});

describe('trim', () => {
  it('takes a start, an end or both', () => {
    for (const trim of [{ start: 1 }, { end: 1 }, { start: 0.5, end: 0.75 }])
      expect(faults({ trim })).toEqual([]);
  });

  it('needs one of them', () => {
    expect(faults({ trim: {} })).toEqual([
      'trim: Expected trim to have start, end or both; received none.',
    ]);
  });

  it.each([[{ start: 2, end: 2 }], [{ start: 3, end: 2 }], [{ end: 0 }]])(
    '%j ends before it begins',
    (trim) => {
      expect(faults({ trim })[0]).toMatch(/^trim\.end: Expected trim\.end after/);
    },
  );
});

describe('defaults', () => {
  it('are a plain H.264 without metadata, sound kept', () => {
    expect(videoCompress.run.parse({})).toMatchObject({
      codec: 'h264',
      speed: 'fast',
      audio: 'keep',
      audio_bitrate: '128k',
      strip_metadata: true,
      upscale: false,
      poster: false,
    });
  });
});
