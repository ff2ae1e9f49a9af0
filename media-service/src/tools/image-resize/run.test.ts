import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '@nebula/contract/file-types';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngines } from '../../testing/create-engines.ts';
import { pixelAt, psnr } from '../../testing/pixels.ts';
import { testJob } from '../../testing/test-job.ts';
import { runImageResize } from './run.ts';

const engines = createEngines();
const folder = mkdtempSync(join(tmpdir(), 'nebula-resize-'));
const red = { r: 220, g: 30, b: 30 };
const blue = { r: 30, g: 30, b: 220 };

beforeAll(() => Promise.all([engines.vision.start(), engines.sharp.start()]));

afterAll(async () => {
  await Promise.all([engines.vision.stop(), engines.sharp.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

let made = 0;

async function save(image: Sharp, type: FileType): Promise<{ path: string; type: FileType }> {
  const path = join(folder, `in-${made++}`);
  writeFileSync(path, await image.toBuffer());
  return { path, type };
}

/** A picture with a smooth gradient and some detail, so that a wrong filter or colour shows. */
function picture(width: number, height: number): Sharp {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="#e02020"/><stop offset=".5" stop-color="#30c050"/><stop offset="1" stop-color="#2040e0"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/><circle cx="70%" cy="30%" r="18%" fill="#fff"/><path d="M0 ${height} L${width / 2} ${height / 2} L${width} ${height}Z" fill="#102030"/></svg>`;
  return sharp(Buffer.from(svg));
}

/** Left half red, right half blue: turns and mirrors show. */
function halves(width = 80, height = 40): Sharp {
  const left = { create: { width: width / 2, height, channels: 3 as const, background: red } };
  return sharp({ create: { width, height, channels: 3, background: blue } }).composite([
    { input: left, left: 0, top: 0 },
  ]);
}

async function resize(options: Record<string, unknown>, file: { path: string; type: FileType }) {
  const job = testJob('image-resize', options, [file]);
  try {
    const { files, optionsEffective } = await runImageResize(job, engines);
    const outputs = files.map((each) => ({ ...each, data: readFileSync(each.path) }));
    const [first] = outputs;
    if (!first) throw new Error('no output');
    const meta = await sharp(first.data).metadata();
    const codes = job.warnings.map(({ code }) => code);
    return { ...first, outputs, meta, codes, optionsEffective };
  } finally {
    job.remove();
  }
}

function isNear(actual: number[], { r, g, b }: typeof red, tolerance = 14): boolean {
  return [r, g, b].every((value, at) => Math.abs((actual[at] ?? -999) - value) <= tolerance);
}

describe('sizes', () => {
  const cases: [string, Record<string, unknown>, number, number][] = [
    ['width alone keeps the shape', { width: 300 }, 300, 200],
    ['height alone keeps the shape', { height: 100 }, 150, 100],
    ['fit stays inside both', { width: 300, height: 100 }, 150, 100],
    ['fill covers exactly', { width: 100, height: 100, mode: 'fill' }, 100, 100],
    ['crop does not scale', { width: 250, height: 50, mode: 'crop' }, 250, 50],
    ['stretch gives up the shape', { width: 50, height: 300, mode: 'stretch' }, 50, 300],
    ['pad fills the canvas', { width: 300, height: 300, mode: 'pad' }, 300, 300],
    ['percent scales both sides', { percent: 25 }, 150, 100],
    ['max_side bounds the longer side', { max_side: 120 }, 120, 80],
    ['rotate swaps the sides', { width: 100, rotate: 90 }, 100, 150],
  ];
  it.each(cases)('%s', async (_name, options, width, height) => {
    const result = await resize(options, await save(picture(600, 400).jpeg(), 'jpg'));
    expect([result.meta.width, result.meta.height]).toEqual([width, height]);
    expect([result.width, result.height]).toEqual([width, height]);
  });

  it('a size above that of the image is kept small, and said', async () => {
    const file = await save(picture(100, 50).png(), 'png');
    const kept = await resize({ width: 400 }, file);
    expect([kept.meta.width, kept.codes]).toEqual([100, ['not_enlarged']]);
    const grown = await resize({ width: 400, enlarge: true }, file);
    expect([grown.meta.width, grown.codes]).toEqual([400, []]);
    expect(grown.optionsEffective.filter).toBe('lanczos4');
  });

  it('variants come from one decode, each with its own size, format and name', async () => {
    const variants = [
      { width: 100 },
      { width: 50, height: 50, mode: 'fill', format: 'png', name: 'icon' },
    ];
    const { outputs } = await resize({ variants }, await save(picture(600, 400).jpeg(), 'jpg'));
    expect(outputs.map(({ height, label, type, width }) => [width, height, type, label])).toEqual([
      [100, 67, 'jpg', '100x67'],
      [50, 50, 'png', 'icon'],
    ]);
  });
});

describe('pictures', () => {
  it('a photo shrunk on load is as good as one that is decoded whole', async () => {
    const file = await save(picture(2400, 1600).jpeg({ quality: 92 }), 'jpg');
    const { data, optionsEffective } = await resize({ width: 300, format: 'png' }, file);
    const reference = await sharp(file.path)
      .resize(300, 200, { kernel: 'lanczos3' })
      .png()
      .toBuffer();
    expect(await psnr(data, reference)).toBeGreaterThan(35);
    expect(optionsEffective.filter).toBe('cubic');
  });

  it('auto takes area where it shrinks far, cubic where it does not, and every filter can be asked for', async () => {
    const file = await save(picture(900, 600).png(), 'png');
    expect((await resize({ width: 100 }, file)).optionsEffective.filter).toBe('area');
    expect((await resize({ width: 600 }, file)).optionsEffective.filter).toBe('cubic');
    for (const filter of ['nearest', 'linear', 'cubic', 'area', 'lanczos4'])
      expect((await resize({ width: 100, filter }, file)).optionsEffective.filter).toBe(filter);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is applied once', async (orientation) => {
    const file = await save(halves().jpeg({ quality: 95 }).withMetadata({ orientation }), 'jpg');
    const { data, meta } = await resize({ percent: 50, enlarge: true, quality: 95 }, file);
    const expected = await sharp(file.path)
      .autoOrient()
      .resize(meta.width, meta.height)
      .png()
      .toBuffer();
    expect([meta.width, meta.height]).toEqual(orientation >= 5 ? [20, 40] : [40, 20]);
    expect(meta.orientation ?? 1).toBe(1);
    expect(await psnr(data, expected)).toBeGreaterThan(25);
  });

  it('auto_rotate false leaves the pixels as they lie', async () => {
    const file = await save(halves().jpeg().withMetadata({ orientation: 6 }), 'jpg');
    const { meta } = await resize({ percent: 50, auto_rotate: false }, file);
    expect([meta.width, meta.height]).toEqual([40, 20]);
  });

  it('rotate and flip move what they should', async () => {
    const file = await save(halves().png(), 'png');
    const flipped = await resize({ percent: 100, flip: 'horizontal' }, file);
    expect(isNear(await pixelAt(flipped.data, 5, 20), blue)).toBe(true);
    const turned = await resize({ percent: 100, rotate: 90 }, file);
    expect(isNear(await pixelAt(turned.data, 20, 5), red)).toBe(true);
    expect(isNear(await pixelAt(turned.data, 20, 75), blue)).toBe(true);
  });

  it('gravity and focus decide what a cut keeps', async () => {
    const file = await save(halves().png(), 'png');
    const cut = { width: 20, height: 20, mode: 'crop' };
    const west = await resize({ ...cut, gravity: 'west' }, file);
    expect(isNear(await pixelAt(west.data, 10, 10), red)).toBe(true);
    const east = await resize({ ...cut, gravity: 'northeast' }, file);
    expect(isNear(await pixelAt(east.data, 10, 10), blue)).toBe(true);
    const focused = await resize({ ...cut, focus: { x: 0.9, y: 0.5 } }, file);
    expect(isNear(await pixelAt(focused.data, 10, 10), blue)).toBe(true);
  });

  it('smart keeps what stands out', async () => {
    const dot = Buffer.from(
      '<svg width="60" height="60"><circle cx="30" cy="30" r="28" fill="#e02020"/><path d="M10 30h40M30 10v40" stroke="#fff" stroke-width="6"/></svg>',
    );
    const image = sharp({
      create: { width: 600, height: 120, channels: 3, background: '#8090a0' },
    }).composite([{ input: dot, left: 500, top: 30 }]);
    const { data } = await resize(
      { width: 120, height: 120, mode: 'crop', gravity: 'smart' },
      await save(image.png(), 'png'),
    );
    const { channels } = await sharp(data).stats();
    expect(channels[0]?.max).toBeGreaterThan(210);
    expect(channels[1]?.min).toBeLessThan(60);
  });

  it('padding has the colour that was asked for', async () => {
    const options = { width: 100, height: 100, mode: 'pad', background: '#1e1edc', format: 'png' };
    const { data } = await resize(options, await save(halves().png(), 'png'));
    expect(isNear(await pixelAt(data, 50, 2), blue, 2)).toBe(true);
    expect(isNear(await pixelAt(data, 20, 50), red, 2)).toBe(true);
  });

  it('sharpen raises the contrast of an edge', async () => {
    const file = await save(picture(300, 200).blur(2).png(), 'png');
    const plain = await sharp((await resize({ width: 150 }, file)).data).stats();
    const sharpened = await sharp((await resize({ width: 150, sharpen: 5 }, file)).data).stats();
    expect(sharpened.sharpness).toBeGreaterThan(plain.sharpness);
  });
});

describe('kinds of input', () => {
  it('transparency survives in PNG and WebP, and is filled for JPEG', async () => {
    const image = sharp({
      create: { width: 60, height: 60, channels: 4, background: { ...red, alpha: 0 } },
    });
    const file = await save(image.png(), 'png');
    expect((await pixelAt((await resize({ width: 30 }, file)).data, 15, 15))[3]).toBe(0);
    const webp = await resize({ width: 30, format: 'webp' }, file);
    expect(webp.meta.hasAlpha).toBe(true);
    const jpg = await resize({ width: 30, format: 'jpg', background: '#1e1edc' }, file);
    expect(isNear(await pixelAt(jpg.data, 15, 15), blue)).toBe(true);
    expect(jpg.codes).toEqual(['alpha_flattened']);
  });

  it('transparent pixels do not bleed their colour into the edge', async () => {
    const hidden = {
      create: {
        width: 30,
        height: 60,
        channels: 4 as const,
        background: { r: 0, g: 255, b: 0, alpha: 0 },
      },
    };
    const image = sharp({
      create: { width: 60, height: 60, channels: 4, background: { ...red, alpha: 1 } },
    }).composite([{ input: hidden, left: 30, top: 0, blend: 'source' }]);
    const { data } = await resize({ width: 15, filter: 'area' }, await save(image.png(), 'png'));
    const [r = 0, g = 0, , a = 0] = await pixelAt(data, 7, 7);
    if (a > 0) expect(g).toBeLessThan(r);
  });

  const inputs: [string, FileType, (image: Sharp) => Sharp, string[]][] = [
    ['gray JPEG', 'jpg', (image) => image.grayscale().jpeg(), []],
    ['CMYK JPEG', 'jpg', (image) => image.toColourspace('cmyk').jpeg(), ['color_converted']],
    ['16-bit PNG', 'png', (image) => image.toColourspace('rgb16').png(), []],
    ['palette PNG', 'png', (image) => image.png({ palette: true, colours: 32 }), []],
    ['progressive JPEG', 'jpg', (image) => image.jpeg({ progressive: true }), []],
    ['Display P3 JPEG', 'jpg', (image) => image.withIccProfile('p3').jpeg(), ['color_converted']],
    ['WebP', 'webp', (image) => image.webp(), []],
    ['lossless WebP', 'webp', (image) => image.webp({ lossless: true }), []],
    ['AVIF', 'avif', (image) => image.avif({ effort: 0 }), []],
    ['TIFF', 'tiff', (image) => image.tiff(), []],
    ['GIF', 'gif', (image) => image.gif(), []],
  ];
  it.each(inputs)('%s', async (name, type, encode, codes) => {
    const file = await save(encode(picture(300, 200)), type);
    const result = await resize({ width: 150, format: 'png' }, file);
    const reference = await sharp(file.path)
      .toColourspace('srgb')
      .resize(150, 100)
      .png()
      .toBuffer();
    expect([result.meta.width, result.meta.height]).toEqual([150, 100]);
    expect(await psnr(result.data, reference), name).toBeGreaterThan(22);
    expect(result.codes).toEqual(codes);
  });

  it('SVG is drawn', async () => {
    const path = join(folder, 'drawing.svg');
    writeFileSync(
      path,
      '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="100" fill="#1e1edc"/></svg>',
    );
    const { data, type } = await resize({ width: 100 }, { path, type: 'svg' });
    expect(type).toBe('png');
    expect(isNear(await pixelAt(data, 50, 25), blue, 2)).toBe(true);
  });

  it.each(['gif', 'webp'] as const)(
    'the first frame of an animated %s is used, and said',
    async (type) => {
      const frames = [red, blue].map((background) => ({
        create: { width: 40, height: 40, channels: 3 as const, background },
      }));
      const encoded = sharp(frames.map((input) => input) as never, { join: { animated: true } });
      const file = await save(
        type === 'gif' ? encoded.gif() : encoded.webp({ lossless: true }),
        type,
      );
      const { codes, data } = await resize({ width: 20, format: 'png' }, file);
      expect(codes).toEqual(['first_frame_only']);
      expect(isNear(await pixelAt(data, 10, 10), red)).toBe(true);
    },
  );
});

describe('encoding', () => {
  it('keep is the type of the input, and each type can be asked for', async () => {
    const file = await save(picture(300, 200).webp(), 'webp');
    expect((await resize({ width: 100 }, file)).meta.format).toBe('webp');
    for (const [format, found] of [
      ['jpg', 'jpeg'],
      ['png', 'png'],
      ['avif', 'heif'],
    ])
      expect((await resize({ width: 100, format }, file)).meta.format).toBe(found);
  });

  it('quality and progressive reach the encoder', async () => {
    const file = await save(picture(600, 400).jpeg(), 'jpg');
    const low = await resize({ width: 300, quality: 20 }, file);
    const high = await resize({ width: 300, quality: 95, progressive: true }, file);
    expect(low.data.length).toBeLessThan(high.data.length / 2);
    expect([low.meta.isProgressive, high.meta.isProgressive]).toEqual([false, true]);
  });

  it('lossless WebP and AVIF give every pixel back', async () => {
    const file = await save(picture(120, 80).png(), 'png');
    const exact = await resize({ percent: 100, format: 'png' }, file);
    const webp = await resize({ percent: 100, format: 'webp', lossless: true }, file);
    expect(await psnr(webp.data, exact.data)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(['jpg', 'webp', 'avif'])(
    'max_bytes holds for %s, at a lower quality that is said',
    async (format) => {
      const file = await save(picture(900, 600).jpeg({ quality: 95 }), 'jpg');
      const free = await resize({ width: 600, format, quality: 95 }, file);
      const limit = Math.round(free.data.length * 0.6);
      const result = await resize({ width: 600, format, quality: 95, max_bytes: limit }, file);
      expect(result.data.length).toBeLessThanOrEqual(limit);
      expect(result.codes).toEqual(['quality_reduced']);
      expect(Number(result.optionsEffective.quality)).toBeLessThan(95);
    },
  );

  it.each<[string, Record<string, unknown>]>([
    ['quality of a png', { format: 'png', quality: 50 }],
    ['quality of a lossless webp', { format: 'webp', lossless: true, quality: 50 }],
    ['lossless of a jpg', { format: 'jpg', lossless: true }],
    ['progressive of a webp', { format: 'webp', progressive: true }],
    ['focus of a fit', { focus: { x: 0, y: 0 } }],
    ['gravity of a fit', { gravity: 'north' }],
    ['smart gravity of a fit', { gravity: 'smart' }],
    ['focus of a stretch', { height: 20, mode: 'stretch', focus: { x: 0, y: 0 } }],
    ['gravity of a stretch', { height: 20, mode: 'stretch', gravity: 'west' }],
    ['focus of a pad', { height: 20, mode: 'pad', focus: { x: 0, y: 0 } }],
    ['smart gravity of a pad', { height: 20, mode: 'pad', gravity: 'smart' }],
    ['gravity beside focus', { height: 20, mode: 'fill', focus: { x: 0, y: 0 }, gravity: 'west' }],
    ['a variant', { width: undefined, gravity: 'west', variants: [{ width: 20 }, { width: 10 }] }],
  ])('an option without effect is told of, once: %s', async (_what, options) => {
    const file = await save(halves().jpeg(), 'jpg');
    const { codes } = await resize({ width: 20, ...options }, file);
    expect(codes.filter((code) => code === 'option_ignored')).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>]>([
    ['quality of a lossy output', { format: 'webp', quality: 50 }],
    ['gravity of a fill', { height: 20, mode: 'fill', gravity: 'smart' }],
    ['gravity of a pad', { height: 20, mode: 'pad', gravity: 'west' }],
    ['focus of a crop', { height: 20, mode: 'crop', focus: { x: 0, y: 0 } }],
  ])('an option with an effect is no warning: %s', async (_what, options) => {
    const file = await save(halves().jpeg(), 'jpg');
    expect((await resize({ width: 20, ...options }, file)).codes).toEqual([]);
  });

  it('a limit that nothing meets is an honest error', async () => {
    const file = await save(picture(900, 600).jpeg(), 'jpg');
    await expect(resize({ width: 900, max_bytes: 256 }, file)).rejects.toMatchObject({
      code: 'target_unreachable',
    });
  });

  it('metadata is left out by default, and kept on request without turning twice', async () => {
    const exif = { IFD0: { Copyright: 'Nebula' } };
    const file = await save(
      halves()
        .jpeg()
        .withExif(exif)
        .withMetadata({ orientation: 6, exif } as never),
      'jpg',
    );
    expect((await resize({ width: 20 }, file)).meta.exif).toBeUndefined();
    const kept = await resize({ width: 20, strip_metadata: false }, file);
    expect(kept.meta.exif?.toString('latin1')).toContain('Nebula');
    expect([kept.meta.width, kept.meta.height, kept.meta.orientation ?? 1]).toEqual([20, 40, 1]);
  });

  it('equal calls give equal bytes', async () => {
    const file = await save(picture(600, 400).jpeg(), 'jpg');
    for (const format of ['jpg', 'png', 'webp', 'avif']) {
      const [a, b] = [
        await resize({ width: 200, format }, file),
        await resize({ width: 200, format }, file),
      ];
      expect(a.data.equals(b.data)).toBe(true);
    }
  });
});
