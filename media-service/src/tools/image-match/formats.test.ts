import type { FileType } from '@nebula/contract/file-types';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMatchBench, type TestFile } from './testing/match-bench.ts';
import { drawScene } from './testing/scenes.ts';

const bench = createMatchBench();
let scene: TestFile;

beforeAll(async () => {
  await bench.start();
  scene = await bench.save(drawScene(1).jpeg({ quality: 90 }), 'jpg');
});
afterAll(bench.stop);

async function compare(image: Sharp, type: FileType) {
  const { result, warnings } = await bench.match({}, [scene, await bench.save(image, type)]);
  const [target] = result.targets;
  return { ...target, codes: warnings.map(({ code }) => code) };
}

describe('every accepted type is compared as it looks', () => {
  const types: [string, FileType, (image: Sharp) => Sharp, string[]][] = [
    ['PNG', 'png', (image) => image.png(), []],
    ['PNG with a palette', 'png', (image) => image.png({ palette: true }), []],
    ['PNG of 16 bits', 'png', (image) => image.toColourspace('rgb16').png(), []],
    ['WebP', 'webp', (image) => image.webp(), []],
    ['AVIF', 'avif', (image) => image.avif({ effort: 0 }), []],
    ['GIF', 'gif', (image) => image.gif({ effort: 1 }), []],
    ['TIFF', 'tiff', (image) => image.tiff({ compression: 'lzw' }), []],
    ['JPEG in CMYK', 'jpg', (image) => image.toColourspace('cmyk').jpeg(), ['color_converted']],
    ['JPEG in grey', 'jpg', (image) => image.grayscale().jpeg(), []],
    [
      'JPEG with Display P3',
      'jpg',
      (image) => image.withIccProfile('p3').jpeg(),
      ['color_converted'],
    ],
  ];
  it.each(types)('%s', async (_name, type, encode, codes) => {
    const found = await compare(encode(drawScene(1)), type);
    expect(found).toMatchObject({ verdict: 'duplicate', width: 800, height: 600, codes });
    expect(found.scores?.phash).toBeGreaterThan(0.9);
  });

  it('SVG', async () => {
    const data = await drawScene(1).resize(400).png().toBuffer();
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><image width="400" height="300" href="data:image/png;base64,${data.toString('base64')}"/></svg>`;
    const { result } = await bench.match({}, [scene, bench.write(svg, 'svg')]);
    expect(result.targets[0]).toMatchObject({ verdict: 'duplicate', width: 400, height: 300 });
  });
});

describe('orientation', () => {
  it.each([1, 3, 6, 8])(
    '%i of EXIF is applied, in files for OpenCV and in others',
    async (orientation) => {
      const turns = { 1: 0, 3: 180, 6: 270, 8: 90 }[orientation];
      const lying = await drawScene(1).png().toBuffer();
      const image = () => sharp(lying).rotate(turns).withMetadata({ orientation });
      for (const [type, encoded] of [
        ['jpg', image().jpeg()],
        ['tiff', image().tiff({ compression: 'lzw' })],
      ] as const) {
        const found = await compare(encoded, type);
        expect(found, type).toMatchObject({ verdict: 'duplicate', width: 800, height: 600 });
      }
    },
  );
});

describe('what is left out is said', () => {
  it('frames after the first', async () => {
    const frames = await Promise.all(
      [1, 2, 3].map((seed) => drawScene(seed).resize(200).png().toBuffer()),
    );
    const animation = sharp(frames, { join: { animated: true } }).gif({ effort: 1 });
    const found = await compare(animation, 'gif');
    expect(found).toMatchObject({ verdict: 'duplicate', codes: ['first_frame_only'] });
    expect([found.width, found.height]).toEqual([200, 150]);
  });

  it('transparency, which is compared as white', async () => {
    const hole = { create: { width: 300, height: 200, channels: 4 as const, background: '#000' } };
    const holed = await drawScene(1)
      .ensureAlpha()
      .composite([{ input: hole, left: 100, top: 100, blend: 'dest-out' }])
      .png()
      .toBuffer();
    const white = sharp(holed).flatten({ background: '#fff' }).png();
    for (const type of ['png', 'webp'] as const) {
      const image = type === 'png' ? sharp(holed).png() : sharp(holed).webp({ lossless: true });
      const { result, warnings } = await bench.match({}, [
        await bench.save(white),
        await bench.save(image, type),
      ]);
      expect(result.targets[0]).toMatchObject({ score: 1, scores: { ssim: 1, histogram: 1 } });
      expect(warnings).toMatchObject([{ code: 'alpha_flattened', param: 'targets.0' }]);
    }
  });

  it('an opaque alpha channel is no loss', async () => {
    const { codes, score } = await compare(drawScene(1).ensureAlpha().png(), 'png');
    expect([codes, (score ?? 0) > 0.99]).toEqual([[], true]);
  });
});

describe('sizes', () => {
  it.each([
    [64, 48],
    [100, 75],
    [3200, 2400],
  ])('a copy of %i x %i is found', async (width, height) => {
    const found = await compare(
      drawScene(1).resize(width, height, { kernel: 'lanczos3' }).png(),
      'png',
    );
    expect(['duplicate', 'very_similar']).toContain(found.verdict);
    expect(found).toMatchObject({ match: true, width, height });
  });

  it.each([
    [1, 1],
    [1, 400],
    [600, 1],
    [2, 2],
  ])('a picture of %i x %i gets an answer', async (width, height) => {
    const tiny = sharp({ create: { width, height, channels: 3, background: '#a33' } }).png();
    expect(await compare(tiny, 'png')).toMatchObject({ verdict: 'different', width, height });
  });
});

describe('an estimate', () => {
  it('knows the sides and frames that the run finds, and warns of the same', async () => {
    const turned = await sharp(await drawScene(1).png().toBuffer())
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const frames = await Promise.all(
      [1, 2].map((seed) => drawScene(seed).resize(40, 30).png().toBuffer()),
    );
    const files = [
      scene,
      bench.write(turned, 'jpg'),
      await bench.save(sharp(frames, { join: { animated: true } }).gif({ effort: 1 }), 'gif'),
      await bench.save(drawScene(1).resize(64).avif({ effort: 0 }), 'avif'),
    ];
    const { inputs, warnings } = await bench.match({ methods: ['phash'] }, files);
    expect(await bench.estimate(files)).toMatchObject({ outputs: 1, inputs, warnings });
    expect(inputs).toEqual([
      { pages: 1, width: 800, height: 600 },
      { pages: 1, width: 600, height: 800 },
      { pages: 2, width: 40, height: 30 },
      { pages: 1, width: 64, height: 48 },
    ]);
  });

  it('names the picture that the run would refuse', async () => {
    const damaged = bench.write('no picture', 'gif');
    await expect(bench.estimate([scene, scene, damaged])).rejects.toMatchObject({
      code: 'corrupt_input',
      details: { param: 'targets.1' },
    });
  });
});
