import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { createConverter, flag, noise, type TestImage } from './testing/converter.ts';

const { convert, save } = createConverter();

const good = async () => save(await flag().jpeg().toBuffer(), 'jpg');

afterEach(async () => {
  const { files } = await convert([await good()]);
  expect(files[0]?.images()).toMatchObject([{ width: 120, height: 80, encoding: 'jpeg' }]);
});

/** The code of the error, or the number of pages. */
const outcome = (images: TestImage[], options: Record<string, unknown> = {}) =>
  convert(images, options).then(
    ({ files }) => files[0]?.pages ?? 0,
    (error: { code?: string }) => error.code ?? String(error),
  );

it('an animated WebP gives its first frame', async () => {
  const frames = await Promise.all(
    ['#f00', '#0f0'].map((background) =>
      sharp({ create: { width: 20, height: 20, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const webp = await sharp(frames, { join: { animated: true } })
    .webp({ loop: 0 })
    .toBuffer();
  expect(await outcome([save(webp, 'webp')])).toBe(1);
});

describe('a damaged image', () => {
  it('names which of the inputs it is', async () => {
    const cut = readFileSync((await good()).path).subarray(0, 400);
    const images = [await good(), save(cut, 'jpg'), await good()];
    await expect(convert(images)).rejects.toMatchObject({
      code: 'corrupt_input',
      message: expect.stringContaining('(image 2)'),
      details: { param: 'files.1', extra: { index: 1 } },
    });
  });

  it.each(['jpg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)(
    '%s that is cut anywhere is refused, or shown in part',
    async (type) => {
      const bytes = await noise(60, 50)
        .toFormat(type === 'jpg' ? 'jpeg' : type)
        .toBuffer();
      for (const share of [0.02, 0.3, 0.6, 0.95]) {
        const cut = bytes.subarray(0, Math.max(16, Math.floor(bytes.length * share)));
        expect([1, 'corrupt_input']).toContain(await outcome([save(cut, type)]));
      }
    },
  );

  it('a PNG whose packed pixels were changed is refused by its check sum', async () => {
    const bytes = await noise(60, 50).png().toBuffer();
    const at = bytes.indexOf('IDAT') + 200;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    expect(await outcome([save(bytes, 'png')])).toBe('corrupt_input');
  });

  it.each(['jpg', 'png', 'webp', 'gif', 'tiff'] as const)(
    'twenty mutants of a %s end in a page or a clear error',
    async (type) => {
      const whole = await noise(60, 50)
        .toFormat(type === 'jpg' ? 'jpeg' : type)
        .toBuffer();
      for (let seed = 1; seed <= 20; seed++) {
        const bytes = Buffer.from(whole);
        for (let at = 0, state = seed * 7; at < 30; at++) {
          state = (state * 48271) % 2147483647;
          bytes[12 + (state % (bytes.length - 12))] = state & 255;
        }
        const result = await outcome([save(bytes, type)]);
        if (typeof result === 'string')
          expect(['corrupt_input', 'input_too_many_pixels', 'input_too_complex']).toContain(result);
      }
    },
  );
});
