import { videoCompress } from '@nebula/contract/tools/video-compress';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EncodePlan, encodeArguments, posterArguments } from './build-arguments.ts';

const plans: fc.Arbitrary<EncodePlan> = fc.record({
  source: fc.record({
    path: fc.constant('/jobs/one/input-0.mp4'),
    type: fc.constantFrom('mp4', 'mov', 'mkv', 'webm', 'avi', 'flv', 'mpg', 'ts'),
    size: fc.nat(),
    duration: fc.double({ min: 0.01, max: 86_400, noNaN: true }),
    startsAt: fc.constant(0),
    video: fc.record({
      index: fc.nat(50),
      codec: fc.string(),
      width: fc.nat(8192),
      height: fc.nat(8192),
      rotation: fc.constant(0),
      isSquare: fc.boolean(),
      pixelFormat: fc.string(),
      fps: fc.double({ min: 0.01, max: 240, noNaN: true }),
      isVariable: fc.boolean(),
    }),
  }),
  timeline: fc.record({
    start: fc.double({ min: 0, max: 86_400, noNaN: true }),
    duration: fc.double({ min: 0.001, max: 86_400, noNaN: true }),
    isTrimmed: fc.boolean(),
  }),
  picture: fc.record({
    width: fc.nat(8192),
    height: fc.nat(8192),
    isMarked: fc.boolean(),
    isScaled: fc.boolean(),
    fps: fc.double({ min: 0.01, max: 240, noNaN: true }),
    convertFps: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  }),
  sound: fc.oneof(
    fc.record({ kind: fc.constant('none' as const) }),
    fc.record({ kind: fc.constant('copy' as const), index: fc.nat(50), bitrate: fc.nat() }),
  ),
  codec: fc.constantFrom('h264', 'h265'),
  speed: fc.constantFrom('fast', 'medium', 'slow'),
  stripMetadata: fc.boolean(),
  keyframes: fc.array(fc.double({ min: 0, max: 86_400, noNaN: true }), { maxLength: 3 }),
});

const rates = fc.oneof(
  fc.record({ crf: fc.integer({ min: 18, max: 28 }) }),
  fc.record({ bitrate: fc.double({ min: 1, max: 1e9, noNaN: true }), pass: fc.constantFrom(1, 2) }),
);

/** A word of ffmpeg's, a number, a list of them, or one of our two paths. */
const harmless =
  /^(-[a-z0-9_:]+|[a-z0-9_+.,:=/-]+|file:\/work\/job\/(input-0\.mp4|out\.(mp4|jpg)))$/i;

/** The only file that a filter opens, and the only brackets. */
const mark =
  /null\[plain\];movie=test-mark\.png,scale=\d+:\d+\[mark\];\[plain\]\[mark\]overlay=\d+:\d+/;

test('arguments are words of ours and plain numbers, whatever is planned', () => {
  fc.assert(
    fc.property(plans, rates, (plan, rate) => {
      const output = '/jobs/one/out.mp4';
      const args = encodeArguments(plan, rate as { crf: number }, { output, maxBytes: 1000 });
      for (const arg of [...args, ...posterArguments(plan, 1, '/jobs/one/out.jpg')]) {
        const filters = String(arg).replace(mark, '');
        expect(filters).toMatch(harmless);
        expect(filters).not.toMatch(/\de[+-]?\d|NaN|Infinity|undefined|movie|textfile|%/);
      }
      expect(args.filter((arg) => arg === '-i')).toHaveLength(1);
      for (const guard of ['-protocol_whitelist', '-format_whitelist', '-codec_whitelist'])
        expect(args.indexOf(guard)).toBeLessThan(args.indexOf('-i'));
    }),
  );
});

test.each([
  '-i',
  ';rm -rf /',
  ',movie=/etc/hostname',
  ':textfile=/etc/passwd',
  '%d',
  '[out]',
  'a\nb',
  '1e9',
])('no option takes the text %j', (text) => {
  const { output: _output, ...shape } = videoCompress.run.shape;
  for (const [name, field] of Object.entries(shape)) {
    expect(field.safeParse(text).success, name).toBe(false);
    expect(field.safeParse({ start: text }).success, name).toBe(false);
  }
});

test('an output has a limit in bytes, and a part has one in time', () => {
  const [plan] = fc.sample(plans, 1);
  if (!plan) throw new Error('no plan');
  const trimmed = { ...plan, timeline: { start: 1, duration: 2.5, isTrimmed: true } };
  const args = encodeArguments(
    trimmed,
    { crf: 23 },
    { output: '/jobs/one/out.mp4', maxBytes: 777 },
  );
  expect(args[args.indexOf('-fs') + 1]).toBe('777');
  expect(args[args.indexOf('-t') + 1]).toBe('2.5');
  expect(args[args.indexOf('-ss') + 1]).toBe('1');
});
