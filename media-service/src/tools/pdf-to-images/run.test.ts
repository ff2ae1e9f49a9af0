import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pixelAt, psnr } from '../../testing/pixels.ts';
import { drawPdf, fill, streamObject, write } from './testing/draw-pdf.ts';
import { createRenderer } from './testing/renderer.ts';

const { folder, render, save } = createRenderer();

const red = [1, 0, 0] as const;
const green = [0, 1, 0] as const;
const blue = [0, 0, 1] as const;
const white = [255, 255, 255];

/** Red at the top left of a page of 200 x 100 points, green at the bottom right. */
const corners = { content: `${fill(red, 0, 50, 100, 50)} ${fill(green, 100, 0, 100, 50)}` };
const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    content: fill([(at + 1) / 10, 0, 0], 0, 0, 200, 100),
  }));

describe('the size of a page', () => {
  it('is that of its box at 150 dots per inch', async () => {
    const { effective, images } = await render(drawPdf([{ mediaBox: [0, 0, 595.28, 841.89] }]));
    const { density, height, width } = await sharp(images[0]?.path).metadata();
    expect([width, height, density]).toEqual([1240, 1754, 150]);
    expect(images[0]).toMatchObject({ type: 'png', width: 1240, height: 1754, page: 1, dpi: 150 });
    expect(effective).toMatchObject({ dpi: 150, pages: [1] });
  });

  it.each([36, 72, 96, 211, 600])('is rounded to whole pixels at %i dpi', async (dpi) => {
    const { images } = await render(drawPdf([{ mediaBox: [0, 0, 243.7, 153.1] }]), { dpi });
    const { height, width } = await sharp(images[0]?.path).metadata();
    expect([width, height]).toEqual([
      Math.round((243.7 * dpi) / 72),
      Math.round((153.1 * dpi) / 72),
    ]);
  });

  it('fits into a width, a height, or both', async () => {
    const pdf = drawPdf([corners]);
    const sizes = [];
    for (const options of [{ width: 400 }, { height: 150 }, { width: 400, height: 150 }])
      sizes.push((await render(pdf, options)).images.map(({ height, width }) => [width, height]));
    expect(sizes).toEqual([[[400, 200]], [[300, 150]], [[300, 150]]]);
  });

  it('is each page its own where they differ, and the picture fills it to the edge', async () => {
    const pages = [
      [0, 0, 200, 100],
      [0, 0, 90, 300],
      [50, 50, 150, 150],
    ].map((mediaBox) => ({ mediaBox, content: fill(blue, -1000, -1000, 4000, 4000) }));
    const { images } = await render(drawPdf(pages), { dpi: 72 });
    const sides = images.map(({ height = 0, width = 0 }) => [width, height]);
    expect(sides).toEqual([
      [200, 100],
      [90, 300],
      [100, 100],
    ]);
    for (const { height = 0, path, width = 0 } of images)
      expect(await pixelAt(path, width - 1, height - 1)).toEqual([0, 0, 255]);
  });

  it('counts the unit of the page', async () => {
    const { images } = await render(drawPdf([{ ...corners, entries: '/UserUnit 2' }]), { dpi: 72 });
    expect(images[0]).toMatchObject({ width: 400, height: 200 });
    expect(await pixelAt(images[0]?.path ?? '', 10, 10)).toEqual([255, 0, 0]);
  });
});

describe('a turned page', () => {
  it.each([
    [0, [200, 100], [10, 10]],
    [90, [100, 200], [90, 10]],
    [180, [200, 100], [190, 90]],
    [270, [100, 200], [10, 190]],
    [-90, [100, 200], [10, 190]],
    [450, [100, 200], [90, 10]],
  ])('by %i degrees stands upright', async (turn, size, [x = 0, y = 0]) => {
    const { images } = await render(drawPdf([{ ...corners, entries: `/Rotate ${turn}` }]), {
      dpi: 72,
    });
    expect([images[0]?.width, images[0]?.height]).toEqual(size);
    expect(await pixelAt(images[0]?.path ?? '', x, y)).toEqual([255, 0, 0]);
  });

  it('with a box that does not begin at zero shows that box', async () => {
    const page = {
      mediaBox: [0, 0, 400, 300],
      entries: '/CropBox [100 100 300 200] /Rotate 90',
      content: `${fill(blue, 0, 0, 400, 300)} ${fill(red, 100, 150, 100, 50)} ${fill(green, 200, 100, 100, 50)}`,
    };
    const { images } = await render(drawPdf([page]), { dpi: 72 });
    expect(images[0]).toMatchObject({ width: 100, height: 200 });
    expect(await pixelAt(images[0]?.path ?? '', 90, 10)).toEqual([255, 0, 0]);
    expect(await pixelAt(images[0]?.path ?? '', 10, 190)).toEqual([0, 255, 0]);
  });
});

describe('the box', () => {
  const page = {
    mediaBox: [0, 0, 400, 300],
    entries: '/CropBox [50 50 350 250] /TrimBox [100 100 300 200] /BleedBox [90 90 310 210]',
    content: fill(green, 100, 100, 200, 100),
  };
  it.each([
    ['crop', [300, 200]],
    ['media', [400, 300]],
    ['trim', [200, 100]],
    ['bleed', [220, 120]],
    // No art box: the crop box by the rules of PDF.
    ['art', [300, 200]],
  ])('%s is shown', async (box, size) => {
    const { images } = await render(drawPdf([page]), { box, dpi: 72 });
    expect([images[0]?.width, images[0]?.height]).toEqual(size);
    const [x = 0, y = 0] = size.map((side) => side / 2);
    expect(await pixelAt(images[0]?.path ?? '', x, y)).toEqual([0, 255, 0]);
  });

  it('that reaches over the page ends at its edge, and one outside is the page', async () => {
    const pages = ['/CropBox [100 50 9000 9000]', '/CropBox [5000 5000 6000 6000]'];
    const { images } = await render(drawPdf(pages.map((entries) => ({ entries }))), { dpi: 72 });
    expect(images.map(({ height, width }) => [width, height])).toEqual([
      [100, 50],
      [200, 100],
    ]);
  });
});

describe('pages', () => {
  it('come in their order, whichever was done first, with their numbers', async () => {
    const { images, stages } = await render(drawPdf(numbered(9)), { pages: '2-4,8,!3', dpi: 36 });
    expect(images.map(({ page }) => page)).toEqual([2, 4, 8]);
    const reds = await Promise.all(images.map(({ path }) => pixelAt(path, 5, 5)));
    expect(reds.map(([value]) => value)).toEqual([51, 102, 204]);
    expect(stages.filter(Boolean)).toEqual(['1 of 3 pages', '2 of 3 pages', '3 of 3 pages']);
  });

  it('of a larger document are drawn in two processes, and are all there', async () => {
    const noise = streamObject(
      Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 7919) % 251)),
    );
    const pdf = drawPdf(numbered(9), { extra: { 100: noise } });
    const large = Buffer.concat([pdf, Buffer.alloc(30_000, 0x20)]);
    const { images } = await render(large, { dpi: 36 });
    const reds = await Promise.all(images.map(({ path }) => pixelAt(path, 5, 5)));
    expect(reds.map(([value]) => Math.round(((value ?? 0) / 255) * 10))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('past the end are refused with the number of pages', async () => {
    await expect(render(drawPdf(numbered(3)), { pages: '2,7' })).rejects.toMatchObject({
      code: 'page_out_of_range',
      details: { param: 'pages', extra: { page_count: 3 } },
    });
  });

  it('over a thousand are refused before one is rendered', async () => {
    const pdf = drawPdf(Array.from({ length: 1_001 }, () => ({})));
    await expect(render(pdf)).rejects.toMatchObject({ code: 'input_too_complex' });
    expect((await render(pdf, { pages: 'last', dpi: 36 })).images[0]?.page).toBe(1_001);
  });
});

describe('the picture', () => {
  const text = {
    mediaBox: [0, 0, 300, 100],
    content: `${write('Nebula', 20, 40)} ${fill(red, 150, 20, 100, 60)}`,
  };

  it('is the one that the PNG device of Ghostscript draws', async () => {
    const path = save(drawPdf([{ ...text, mediaBox: [0, 0, 288, 96] }]));
    const reference = join(folder, 'reference.png');
    const look = ['-sDEVICE=png16m', '-r150', '-dTextAlphaBits=4', '-dGraphicsAlphaBits=4'];
    execFileSync('gs', ['-q', '-dBATCH', '-dNOPAUSE', ...look, `-sOutputFile=${reference}`, path]);
    const { images } = await render(path);
    expect(await psnr(images[0]?.path ?? '', reference)).toBeGreaterThan(45);
  });

  it.each([
    ['jpg', 'jpeg', 32],
    ['webp', 'webp', 30],
    ['avif', 'heif', 30],
    ['tiff', 'tiff', 99],
  ])('as %s is that of the PNG', async (format, sharpFormat, decibels) => {
    const pdf = drawPdf([text]);
    const { images } = await render(pdf, { format });
    const { images: plain } = await render(pdf);
    expect((await sharp(images[0]?.path).metadata()).format).toBe(sharpFormat);
    expect(await psnr(images[0]?.path ?? '', plain[0]?.path ?? '')).toBeGreaterThan(decibels);
  });

  it('as JPEG is smaller with less quality, and says what it was made with', async () => {
    const pdf = drawPdf([text]);
    const sizes = [];
    for (const quality of [20, undefined, 95]) {
      const { effective, images } = await render(pdf, {
        format: 'jpg',
        ...(quality && { quality }),
      });
      sizes.push(readFileSync(images[0]?.path ?? '').length);
      expect(effective.quality).toBe(quality ?? 85);
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });

  it('is in shades of gray, with one channel', async () => {
    const { images } = await render(drawPdf([text]), { color_mode: 'gray', dpi: 72 });
    const { channels } = await sharp(images[0]?.path).metadata();
    expect(channels).toBe(1);
    expect((await pixelAt(images[0]?.path ?? '', 200, 50))[0]).toBeCloseTo(127, -1);
  });

  it('is black and white alone, in one bit', async () => {
    const pdf = drawPdf([
      {
        content: `${fill([0.3, 0.3, 0.3], 0, 0, 100, 100)} ${fill([0.8, 0.8, 0.8], 100, 0, 100, 100)}`,
      },
    ]);
    for (const format of ['png', 'tiff']) {
      const { images } = await render(pdf, { color_mode: 'mono', dpi: 72, format });
      const path = images[0]?.path ?? '';
      expect((await pixelAt(path, 50, 50))[0]).toBe(0);
      expect((await pixelAt(path, 150, 50))[0]).toBe(255);
      const info = execFileSync('file', [path], { encoding: 'utf8' });
      expect(info).toMatch(/1-bit|bps=1\b/);
    }
  });

  it('has hard edges where smoothing is off', async () => {
    const grays = async (antialias: boolean) => {
      const { images } = await render(drawPdf([{ content: write('Soft', 20, 40) }]), { antialias });
      const data = await sharp(images[0]?.path).grayscale().raw().toBuffer();
      return new Set(data).size;
    };
    expect(await grays(false)).toBe(2);
    expect(await grays(true)).toBeGreaterThan(5);
  });

  it('is the same, byte for byte, each time', async () => {
    const pdf = drawPdf([text, corners]);
    for (const format of ['png', 'jpg', 'webp', 'tiff']) {
      const [one, two] = [await render(pdf, { format }), await render(pdf, { format })];
      expect(one.images.map(({ path }) => readFileSync(path))).toEqual(
        two.images.map(({ path }) => readFileSync(path)),
      );
    }
  });
});

describe('the background', () => {
  const pdf = drawPdf([{ content: fill(red, 50, 25, 100, 50) }]);

  it('is white', async () => {
    const { images } = await render(pdf, { dpi: 72 });
    expect(await pixelAt(images[0]?.path ?? '', 5, 5)).toEqual(white);
  });

  it.each(['png', 'webp', 'avif'])('is transparent in %s', async (format) => {
    const { images } = await render(pdf, { background: 'transparent', dpi: 72, format });
    const path = images[0]?.path ?? '';
    expect((await pixelAt(path, 5, 5))[3]).toBe(0);
    const [r = 0, , , alpha] = await pixelAt(path, 100, 50);
    expect(r).toBeGreaterThan(245);
    expect(alpha).toBe(255);
  });

  it.each(['png', 'jpg', 'tiff'])('is a colour behind the page in %s', async (format) => {
    const { images } = await render(pdf, { background: '#1040a0', dpi: 72, format });
    const [r = 0, g = 0, b = 0] = await pixelAt(images[0]?.path ?? '', 5, 5);
    expect(Math.hypot(r - 0x10, g - 0x40, b - 0xa0)).toBeLessThan(6);
    expect((await pixelAt(images[0]?.path ?? '', 100, 50))[0]).toBeGreaterThan(245);
  });
});
