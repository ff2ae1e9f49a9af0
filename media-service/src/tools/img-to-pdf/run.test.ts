import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { FileType } from '@nebula/contract/file-types';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createConverter, flag, noise } from './testing/converter.ts';

const { convert, save } = createConverter();

const near = (color: number[], [r = 0, g = 0, b = 0]: number[]) =>
  Math.hypot((color[0] ?? 0) - r, (color[1] ?? 0) - g, (color[2] ?? 0) - b) < 30;
const red = [255, 0, 0];
const green = [0, 255, 0];
const blue = [0, 0, 255];
const white = [255, 255, 255];

const jpeg = async (image = flag()) => save(await image.jpeg({ quality: 92 }).toBuffer(), 'jpg');
const png = async (image = flag()) => save(await image.png().toBuffer(), 'png');

/** Composed first: sharp would make the composition coloured again. */
const grayFlag = async () =>
  sharp(await flag().png().toBuffer())
    .grayscale()
    .toColourspace('b-w');

async function one(...args: Parameters<typeof convert>) {
  const { files } = await convert(...args);
  const [file] = files;
  if (!file || files.length !== 1) throw new Error('expected one document');
  execFileSync('qpdf', ['--check', file.path]);
  return file;
}

describe('a JPEG', () => {
  it('goes in byte for byte', async () => {
    const images = [await jpeg(), await jpeg(noise(200, 150))];
    const pdf = await one(images);
    expect(pdf.extract()).toEqual(images.map(({ path }) => readFileSync(path)));
    expect(pdf.images().map(({ encoding }) => encoding)).toEqual(['jpeg', 'jpeg']);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'with the EXIF orientation %i stands upright, byte for byte',
    async (orientation) => {
      const upright = flag(160, 80);
      // What is stored is turned the other way round, so that it is upright when the note is obeyed.
      const undo = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6 }[orientation] ?? 1;
      const noted = await sharp(await upright.png().toBuffer())
        .withMetadata({ orientation: undo })
        .png()
        .toBuffer();
      const stored = await sharp(noted).autoOrient().png().toBuffer();
      const bytes = await sharp(stored)
        .withMetadata({ orientation })
        .jpeg({ quality: 95 })
        .toBuffer();
      const pdf = await one([save(bytes, 'jpg')], { page_size: 'fit' });
      expect(pdf.sizes()).toEqual([[120, 60]]);
      expect(pdf.extract()[0]).toEqual(bytes);
      expect(near(await pdf.pixel(1, 20, 40), red)).toBe(true);
      expect(near(await pdf.pixel(1, 100, 40), green)).toBe(true);
      expect(near(await pdf.pixel(1, 60, 5), blue)).toBe(true);
    },
  );

  it('in CMYK keeps its inks and shows its colours', async () => {
    const bytes = await flag().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const pdf = await one([save(bytes, 'jpg')], { page_size: 'fit' });
    expect(pdf.images()[0]).toMatchObject({ color: 'cmyk', encoding: 'jpeg' });
    const [r = 0, g = 0, b = 0] = await pdf.pixel(1, 15, 45);
    expect(r).toBeGreaterThan(180);
    expect(Math.max(g, b)).toBeLessThan(100);
  });

  it('in gray stays gray, and one with a profile keeps it', async () => {
    const gray = save(await (await grayFlag()).jpeg().toBuffer(), 'jpg');
    const p3 = save(await flag().withIccProfile('p3').jpeg().toBuffer(), 'jpg');
    const pdf = await one([gray, p3]);
    expect(pdf.images().map(({ color }) => color)).toEqual(['gray', 'icc']);
  });
});

describe('a PNG', () => {
  it.each([
    ['RGB', async () => flag().png(), 'rgb'],
    ['gray', async () => (await grayFlag()).png(), 'gray'],
    ['a palette', async () => flag().png({ palette: true }), 'index'],
    ['16 bits', async () => flag().toColourspace('rgb16').png(), 'rgb'],
  ])('in %s goes in as it is packed, and looks the same', async (_, make, color) => {
    const bytes = await (await make()).toBuffer();
    const pdf = await one([save(bytes, 'png')], { page_size: 'fit' });
    expect(pdf.images()[0]).toMatchObject({ encoding: 'image', color, width: 120, height: 80 });
    expect(readFileSync(pdf.path).length).toBeLessThan(bytes.length + 4_000);
    const [, , g = 0] = [0, 0, (await pdf.pixel(1, 80, 45))[1]];
    expect(g).toBeGreaterThan(80);
  });

  it('without loss: every pixel is found again', async () => {
    const source = await noise(90, 70).png().toBuffer();
    const pdf = await one([save(source, 'png')]);
    const found = await sharp(pdf.extract()[0]).removeAlpha().raw().toBuffer();
    expect(found).toEqual(await sharp(source).raw().toBuffer());
  });

  it('that is interlaced is packed anew, without loss', async () => {
    const source = await noise(90, 70).png({ progressive: true }).toBuffer();
    const pdf = await one([save(source, 'png')]);
    const found = await sharp(pdf.extract()[0]).removeAlpha().raw().toBuffer();
    expect(found).toEqual(await sharp(source).raw().toBuffer());
  });

  it('with transparency lies on the background', async () => {
    const clear = sharp({
      create: { width: 80, height: 80, channels: 4, background: '#00000000' },
    });
    const image = await png(clear);
    expect(near(await (await one([image], { page_size: 'fit' })).pixel(1, 30, 30), white)).toBe(
      true,
    );
    const colored = await one([image], { page_size: 'fit', background: '#0000ff' });
    expect(near(await colored.pixel(1, 30, 30), blue)).toBe(true);
  });
});

describe('other formats', () => {
  it.each([
    ['webp', 'webp', 'jpeg'],
    ['avif', 'avif', 'jpeg'],
    ['tiff', 'tiff', 'image'],
    ['gif', 'gif', 'image'],
  ] as const)('%s is decoded, and looks the same', async (type, format, encoding) => {
    const bytes = await flag().toFormat(format).toBuffer();
    const pdf = await one([save(bytes, type as FileType)], { page_size: 'fit' });
    expect(pdf.images()[0]?.encoding).toBe(encoding);
    expect(near(await pdf.pixel(1, 20, 45), red)).toBe(true);
    expect(near(await pdf.pixel(1, 70, 45), green)).toBe(true);
  });

  it.each(['tiff', 'gif'] as const)('each page or frame of a %s is a page', async (type) => {
    const frames = await Promise.all(
      ['#ff0000', '#00ff00', '#0000ff'].map((background) =>
        sharp({ create: { width: 40, height: 30, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(type)
      .toBuffer();
    const pdf = await one([save(bytes, type)], { page_size: 'fit' });
    expect(pdf.sizes()).toHaveLength(3);
    const colors = await Promise.all([1, 2, 3].map((page) => pdf.pixel(page, 15, 15)));
    expect(colors.map((color, at) => near(color, [red, green, blue][at] ?? []))).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('the page', () => {
  it.each([
    ['A3', [842, 1191]],
    ['A5', [420, 595]],
    ['Letter', [612, 792]],
    ['Legal', [612, 1008]],
  ])(
    '%s has its size, and is turned for a wide image',
    async (page_size, [width = 0, height = 0]) => {
      const pdf = await one([await jpeg(flag(120, 80)), await jpeg(flag(80, 120))], { page_size });
      expect(pdf.sizes().map((sides) => sides.map(Math.round))).toEqual([
        [height, width],
        [width, height],
      ]);
    },
  );

  it('stays upright or lies down where that is asked for', async () => {
    const images = [await jpeg(flag(120, 80)), await jpeg(flag(80, 120))];
    for (const [orientation, isWide] of [
      ['portrait', false],
      ['landscape', true],
    ] as const) {
      const sizes = (await one(images, { orientation })).sizes();
      expect(sizes.map(([width, height]) => width > height)).toEqual([isWide, isWide]);
    }
  });

  it('is of any size, or that of its image with a margin', async () => {
    const image = await jpeg(flag(160, 80));
    const custom = { page_size: 'custom', page_width: '10cm', page_height: '5in' };
    expect((await one([image], custom)).sizes()).toEqual([[283.465, 360]]);
    expect((await one([image], { page_size: 'fit', margin: 10 })).sizes()).toEqual([[140, 80]]);
  });

  it('is never larger than readers open, and says when it was made smaller', async () => {
    const long = await png(
      sharp({ create: { width: 20_000, height: 50, channels: 3, background: '#f00' } }),
    );
    const { files, warnings } = await convert([long], { page_size: 'fit' });
    expect(files[0]?.sizes()).toEqual([[14_400, 36]]);
    expect(warnings).toMatchObject([{ code: 'size_reduced' }]);
  });
});

describe('the place of an image', () => {
  // 100 x 100 on a page of 300 x 100.
  const page = { page_size: 'custom', page_width: '300pt', page_height: '100pt' };
  const square = async () => jpeg(flag(100, 100));

  it.each([
    ['contain', 110, red],
    ['contain', 50, white],
    ['cover', 10, red],
    ['stretch', 10, red],
    ['stretch', 290, green],
    ['none', 100, white],
    ['none', 120, red],
  ] as const)('with fit %s is at %i points %j', async (fit, x, color) => {
    const pdf = await one([await square()], { ...page, fit });
    expect(near(await pdf.pixel(1, x, 60), [...color])).toBe(true);
  });

  it.each([
    ['west', 30, 120],
    ['east', 230, 20],
  ])('is aligned to the %s', async (align, inside, outside) => {
    const pdf = await one([await square()], { ...page, align });
    expect(near(await pdf.pixel(1, inside, 60), white)).toBe(false);
    expect(near(await pdf.pixel(1, outside, 60), white)).toBe(true);
  });

  it('is turned clockwise', async () => {
    const pdf = await one([await jpeg(flag(160, 80))], {
      page_size: 'fit',
      images: [{ rotate: 90 }],
    });
    expect(pdf.sizes()).toEqual([[60, 120]]);
    // What was at the left is at the top, and what was at the top is at the right.
    expect(near(await pdf.pixel(1, 20, 20), red)).toBe(true);
    expect(near(await pdf.pixel(1, 20, 100), green)).toBe(true);
    expect(near(await pdf.pixel(1, 55, 60), blue)).toBe(true);
  });

  it('is one of several on a page, row by row, with a gap', async () => {
    const images = await Promise.all(
      ['#ff0000', '#00ff00', '#0000ff', '#ff0000', '#00ff00'].map((background) =>
        jpeg(sharp({ create: { width: 50, height: 50, channels: 3, background } })),
      ),
    );
    const square = { page_size: 'custom', page_width: '220pt', page_height: '220pt' };
    const pdf = await one(images, { ...square, layout: { per_page: 4 }, gap: 20, fit: 'stretch' });
    expect(pdf.pages).toBe(2);
    const at = await Promise.all(
      [
        [50, 50],
        [170, 50],
        [50, 170],
        [110, 110],
      ].map(([x = 0, y = 0]) => pdf.pixel(1, x, y)),
    );
    expect(at.map((color, index) => near(color, [red, green, blue, white][index] ?? []))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(near(await pdf.pixel(2, 50, 50), green)).toBe(true);
  });

  it('is in columns and rows of any number', async () => {
    const image = await jpeg();
    const pdf = await one(
      Array.from({ length: 7 }, () => image),
      { layout: { columns: 3, rows: 1 } },
    );
    expect(pdf.pages).toBe(3);
    expect(pdf.images()).toHaveLength(7);
  });
});

describe('texts', () => {
  it('below an image are in the PDF, in any script', async () => {
    const captions = ['A small flag', 'Ελληνικά и кириллица', '日本語の説明 🎉', 'שלום עולם'];
    const image = await jpeg();
    const pdf = await one(
      captions.map(() => image),
      { images: captions.map((caption) => ({ caption })) },
    );
    for (const caption of captions.slice(0, 3)) expect(pdf.text()).toContain(caption);
    expect(pdf.text()).toMatch(/שלום|םולש/);
    const fonts = execFileSync('pdffonts', [pdf.path], { encoding: 'utf8' });
    expect(fonts).not.toMatch(/\bno +(yes|no) +(yes|no) /);
    expect(
      pdf.extract().filter((bytes) => bytes.equals(readFileSync(image.path))),
    ).not.toHaveLength(0);
  });

  it('that are too long for their place are cut, and told', async () => {
    const caption = 'word '.repeat(60).trim();
    const page = { page_size: 'custom', page_width: '100pt', page_height: '100pt' };
    const { warnings } = await convert([await jpeg()], { ...page, images: [{ caption }] });
    expect(warnings).toMatchObject([{ code: 'text_cut' }]);
  });

  it('number the pages', async () => {
    const image = await jpeg();
    const pdf = await one([image, image, image], { page_numbers: 'bottom-center' });
    expect(pdf.text().match(/\d+/g)).toEqual(['1', '2', '3']);
  });
});

describe('what is packed anew', () => {
  it('has at most max_dpi, and less bytes with less quality', async () => {
    const image = await jpeg(noise(1200, 900));
    const pdf = await one([image], { page_size: 'A4', max_dpi: 50 });
    expect(pdf.images()[0]?.ppi).toBeLessThanOrEqual(51);
    const small = await one([image], { max_dpi: 50, quality: 20 });
    expect(readFileSync(small.path).length).toBeLessThan(readFileSync(pdf.path).length);
    expect((await one([image], { max_dpi: 1200 })).extract()[0]).toEqual(readFileSync(image.path));
  });

  it('is gray where that is asked for, and what is gray stays as it is', async () => {
    const gray = save(await (await grayFlag()).jpeg().toBuffer(), 'jpg');
    const pdf = await one([await jpeg(), await png(), gray], { color_mode: 'gray' });
    expect(pdf.images().map(({ color }) => color)).toEqual(['gray', 'gray', 'gray']);
    expect(pdf.extract()[2]).toEqual(readFileSync(gray.path));
  });
});

describe('the document', () => {
  it('has its properties, and no clock', async () => {
    const images = [await jpeg(), await png()];
    const metadata = { title: 'Ferien – 2026', author: 'Ada', keywords: ['a', 'b'] };
    const [first, second] = [await one(images, { metadata }), await one(images, { metadata })];
    expect(readFileSync(first.path)).toEqual(readFileSync(second.path));
    const info = execFileSync('pdfinfo', [first.path], { encoding: 'utf8' });
    expect(info).toMatch(/Title:\s+Ferien – 2026/);
    expect(info).toMatch(/Author:\s+Ada/);
    expect(info).toMatch(/Keywords:\s+a, b/);
  });

  it('is encrypted with AES-256', async () => {
    const { effective, files } = await convert([await jpeg()], {
      encrypt: { user: 'open', owner: 'own' },
    });
    const shown = execFileSync(
      'qpdf',
      ['--show-encryption', '--password=open', files[0]?.path ?? ''],
      { encoding: 'utf8' },
    );
    expect(shown).toMatch(/file encryption method: AESv3/);
    expect(() =>
      execFileSync('qpdf', ['--check', files[0]?.path ?? ''], { stdio: 'pipe' }),
    ).toThrow();
    expect(JSON.stringify(effective)).not.toMatch(/"own"|"open"/);
  });

  it('is one for each image where they are not merged', async () => {
    const { files } = await convert([await jpeg(), await png(), await jpeg()], { merge: false });
    expect(files.map(({ pages }) => pages)).toEqual([1, 1, 1]);
  });

  it('has a hundred images in their order', async () => {
    const images = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        jpeg(sharp({ create: { width: 8 + at, height: 8, channels: 3, background: '#345' } })),
      ),
    );
    const pdf = await one(images, { page_size: 'fit' });
    expect(pdf.images().map(({ width }) => width)).toEqual(images.map((_, at) => 8 + at));
  });
});
