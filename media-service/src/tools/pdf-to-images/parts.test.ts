import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decryptPdf, encryptPdf } from '../../engines/qpdf.ts';
import { pixelAt } from '../../testing/pixels.ts';
import { drawPdf, fill, streamObject } from './testing/draw-pdf.ts';
import { createRenderer } from './testing/renderer.ts';

const { folder, render, save } = createRenderer();

const red = [1, 0, 0] as const;
const green = [0, 1, 0] as const;
const blue = [0, 0, 1] as const;
const white = [255, 255, 255];
const corners = { content: `${fill(red, 0, 50, 100, 50)} ${fill(green, 100, 0, 100, 50)}` };

describe('a part of the page', () => {
  it.each([
    ['px', { x: 100, y: 0, width: 100, height: 50 }],
    ['pt', { x: 50, y: 0, width: 50, height: 25 }],
    ['percent', { x: 25, y: 0, width: 25, height: 25 }],
  ])('is counted from the top left in %s', async (unit, part) => {
    const content = fill(blue, 50, 75, 50, 25);
    const { images } = await render(drawPdf([{ content }]), { dpi: 144, crop: { ...part, unit } });
    expect(images[0]).toMatchObject({ width: 100, height: 50 });
    const { dominant } = await sharp(images[0]?.path).stats();
    expect(dominant.b).toBeGreaterThan(240);
    expect(await pixelAt(images[0]?.path ?? '', 99, 49)).toEqual([0, 0, 255]);
  });

  it('that reaches over the edge is refused with the size of the page', async () => {
    const crop = { x: 150, y: 0, width: 100, height: 10 };
    await expect(render(drawPdf([corners]), { dpi: 72, crop })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('200x100 pixels of page 1'),
      details: { param: 'crop' },
    });
  });

  it.each(['#ffffff', 'transparent', '#ffee00'])(
    'is what is not empty, on %s',
    async (background) => {
      const pdf = drawPdf([{ content: fill(red, 60, 20, 80, 40) }]);
      const { images } = await render(pdf, { trim: true, dpi: 72, background });
      expect(images[0]).toMatchObject({ width: 80, height: 40 });
    },
  );

  it('that is empty altogether stays as it is', async () => {
    const { images } = await render(drawPdf([{}]), { trim: true, dpi: 72 });
    expect(images[0]).toMatchObject({ width: 200, height: 100 });
  });
});

describe('annotations', () => {
  const pdf = drawPdf([{ entries: '/Annots [100 0 R]' }], {
    extra: {
      100: '<< /Type /Annot /Subtype /Square /Rect [50 25 150 75] /F 4 /AP << /N 101 0 R >> >>',
      101: streamObject(
        Buffer.from(fill(green, 0, 0, 100, 50)),
        '/Type /XObject /Subtype /Form /BBox [0 0 100 50]',
      ),
    },
  });
  it.each([
    [true, [0, 255, 0]],
    [false, white],
  ])('are drawn: %s', async (annotations, colour) => {
    const { images } = await render(pdf, { annotations, dpi: 72 });
    expect(await pixelAt(images[0]?.path ?? '', 100, 50)).toEqual(colour);
  });
});

describe('an encrypted document', () => {
  const room = { dir: folder, signal: AbortSignal.timeout(60_000) };
  const encrypt = async (user: string) => {
    const output = join(folder, `encrypted-${user}.pdf`);
    await encryptPdf(save(drawPdf([corners])), { user, owner: 'owner', allow: [] }, output, room);
    return output;
  };

  it('needs its password, and opens with that of the user or of the owner', async () => {
    const path = await encrypt('secret (it is)');
    await expect(render(path)).rejects.toMatchObject({
      code: 'password_required',
      details: { param: 'password' },
    });
    await expect(render(path, { password: 'wrong' })).rejects.toMatchObject({
      code: 'password_incorrect',
    });
    for (const password of ['secret (it is)', 'owner']) {
      const { effective, images } = await render(path, { password, dpi: 72 });
      expect(await pixelAt(images[0]?.path ?? '', 10, 10)).toEqual([255, 0, 0]);
      expect(effective).not.toHaveProperty('password');
    }
  });

  it('that opens without one needs none, and says so', async () => {
    const path = await encrypt('');
    expect((await render(path, { dpi: 72 })).warnings).toEqual([]);
    const { warnings } = await render(path, { dpi: 72, password: 'x' });
    expect(warnings).toMatchObject([{ code: 'option_ignored' }]);
    await expect(
      decryptPdf(path, 'owner', join(folder, 'plain.pdf'), room),
    ).resolves.toBeUndefined();
  });
});

describe('a page over the limit', () => {
  const pdf = drawPdf([{}, { mediaBox: [0, 0, 5000, 2500], content: fill(red, 0, 0, 5000, 2500) }]);

  it('is refused with its number before any is rendered', async () => {
    const rendering = render(pdf, { dpi: 200 });
    await expect(rendering).rejects.toMatchObject({
      code: 'input_too_many_pixels',
      details: { param: 'dpi', extra: { page: 2, limit_pixels: 50_000_000 } },
    });
  });

  it('is rendered smaller where that is allowed, with a warning', async () => {
    const { images, warnings } = await render(pdf, { dpi: 200, on_limit: 'reduce', format: 'jpg' });
    const [, large] = images;
    const pixels = (large?.width ?? 0) * (large?.height ?? 0);
    expect(pixels).toBeLessThanOrEqual(50_000_000);
    expect(pixels).toBeGreaterThan(49_900_000);
    expect(images[0]).toMatchObject({ dpi: 200, width: 556 });
    expect(warnings).toMatchObject([{ code: 'resolution_limited', page: 2 }]);
  });

  it('of WebP is one over 16,383 pixels on a side', async () => {
    const strip = drawPdf([{ mediaBox: [0, 0, 14_000, 10] }]);
    const options = { dpi: 96, format: 'webp' };
    await expect(render(strip, options)).rejects.toMatchObject({ code: 'input_too_many_pixels' });
    const { images } = await render(strip, { ...options, on_limit: 'reduce' });
    expect(images[0]?.width).toBeGreaterThan(16_380);
    expect(images[0]?.width).toBeLessThanOrEqual(16_383);
  });
});

it('an option that does nothing is named', async () => {
  const { warnings } = await render(drawPdf([{}]), { quality: 50 });
  expect(warnings).toMatchObject([{ code: 'option_ignored' }]);
});
