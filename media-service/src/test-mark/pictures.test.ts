import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawScene } from '../tools/image-match/testing/scenes.ts';
import { drawPdf, fill, write } from '../tools/pdf-to-images/testing/draw-pdf.ts';
import { type Call, createMarker, expectMarked, hashesOf } from './testing/marker.ts';

const { both, run, save } = createMarker('vision', 'sharp', 'ghostscript');

const scene = async () => save(await drawScene(1).resize(400).jpeg().toBuffer(), 'jpg');
const plain = async (background: string, channels: 3 | 4 = 3) =>
  save(
    await sharp({ create: { width: 400, height: 300, channels, background } })
      .png()
      .toBuffer(),
    'png',
  );

describe('image-resize', () => {
  it('gives a live key the same bytes before and after it has served a test key', async () => {
    const call: Call = ['image-resize', { width: 100, format: 'webp' }, [await scene()]];
    const before = await run(call, false);
    const marked = await run(call, true);
    expect(hashesOf(await run(call, false))).toEqual(hashesOf(before));
    expect(hashesOf(await run(call, true))).toEqual(hashesOf(marked));
    expect(hashesOf(marked)).not.toEqual(hashesOf(before));
  });

  it('marks each size in each format, and says the same of it', async () => {
    const variants = [
      { name: 'jpg', width: 320, format: 'jpg' },
      { name: 'png', width: 320, format: 'png' },
      { name: 'webp', width: 320, format: 'webp' },
      { name: 'icon', width: 40, format: 'png' },
      { name: 'strip', width: 300, height: 60, mode: 'crop', format: 'png' },
    ];
    const { live, test } = await both('image-resize', { variants }, [await plain('#103080')]);
    expect(test.optionsEffective).toEqual(live.optionsEffective);
    for (const [at, file] of test.files.entries())
      await expectMarked(file.path, live.files[at]?.path);
  });

  it('marks what is transparent, and keeps the rest so', async () => {
    const clear = await plain('#ff000000', 4);
    const { test } = await both('image-resize', { width: 100, format: 'png' }, [clear]);
    const { data, info } = await sharp(test.files[0]?.path)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(4);
    const alphas = data.filter((_, at) => at % 4 === 3);
    expect(alphas[0]).toBe(0);
    expect(alphas.filter((alpha) => alpha > 60).length).toBeGreaterThan(500);
  });

  it('stays below max_bytes', async () => {
    const options = { width: 320, format: 'jpg', max_bytes: 12_000 };
    const { test } = await both('image-resize', options, [await scene()]);
    expect(test.files[0]?.data.length).toBeLessThanOrEqual(12_000);
  });

  it('marks what has a few pixels', async () => {
    const variants = [1, 2, 7].map((side) => ({ width: side, height: side, mode: 'stretch' }));
    const { test } = await both('image-resize', { variants }, [await plain('#ffffff')]);
    const sizes = await Promise.all(test.files.map(({ path }) => sharp(path).metadata()));
    expect(sizes.map(({ height, width }) => [width, height])).toEqual([
      [1, 1],
      [2, 2],
      [7, 7],
    ]);
  });
});

describe('pdf-to-images', () => {
  const page = { content: `${fill([0.2, 0.4, 0.9], 0, 0, 100, 100)} ${write('Hello', 60, 40)}` };
  const document = () => [save(drawPdf([page, page]), 'pdf')];

  it.each([
    { format: 'jpg' },
    { format: 'png', color_mode: 'gray', crop: { x: 0, y: 0, width: 60, height: 90, unit: 'pt' } },
    { format: 'png', background: 'transparent' },
  ])('marks every page: %j', async (options) => {
    const { live, test } = await both('pdf-to-images', options, document());
    expect(test.optionsEffective).toEqual(live.optionsEffective);
    for (const [at, file] of test.files.entries()) {
      const [made, before] = [sharp(file.path), sharp(live.files[at]?.path)];
      const { channels, height, width } = await made.metadata();
      expect(await before.metadata()).toMatchObject({ channels, height, width });
      const paper = { background: '#ffffff' };
      const [marked, plain] = [made, before].map((each) => each.flatten(paper).png().toBuffer());
      await expectMarked(await marked, await plain);
    }
  });

  it('keeps black and white pages black and white', async () => {
    const { live, test } = await both('pdf-to-images', { color_mode: 'mono' }, document());
    const read = (path?: string) => sharp(path).toColourspace('b-w').raw().toBuffer();
    const [made, plain] = [await read(test.files[0]?.path), await read(live.files[0]?.path)];
    expect([...new Set(made)].sort()).toEqual([0, 255]);
    const changed = made.filter((sample, at) => sample !== plain[at]).length / made.length;
    expect(changed).toBeGreaterThan(0.01);
    expect(changed).toBeLessThan(0.08);
  });
});

describe('image-match', () => {
  it('marks the drawing, and measures the same', async () => {
    const files = [await scene(), save(await drawScene(1).png().toBuffer(), 'png')];
    const { live, test } = await both('image-match', { visual: 'overlay' }, files);
    const [json, drawing] = test.files;
    const clean = (data?: Buffer) => String(data).replaceAll(/"filename": "[^"]*"/g, '');
    expect(clean(json?.data)).toBe(clean(live.files[0]?.data));
    await expectMarked(drawing?.path, live.files[1]?.path);
  });
});
