import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import type { FileType } from '@nebula/contract/file-types';
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

function png(width: number, height: number, rows = Buffer.alloc(0), before: Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...before,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A JPEG whose header says another size. */
async function jpegOf(width: number, height: number): Promise<Buffer> {
  const bytes = await flag().jpeg().toBuffer();
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

/** Directories of a TIFF, each of which points to the next. */
function tiff(directories: number, isRing: boolean): Buffer {
  const entries = [
    [256, 3, 1, 1],
    [257, 3, 1, 1],
    [258, 3, 1, 8],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 4, 1, 8],
    [278, 3, 1, 1],
    [279, 4, 1, 1],
  ];
  const size = 2 + entries.length * 12 + 4;
  const bytes = Buffer.alloc(16 + directories * size);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(16, 4);
  for (let at = 0; at < directories; at++) {
    const start = 16 + at * size;
    bytes.writeUInt16LE(entries.length, start);
    for (const [index, [tag = 0, type = 0, count = 0, value = 0]] of entries.entries()) {
      const entry = start + 2 + index * 12;
      bytes.writeUInt16LE(tag, entry);
      bytes.writeUInt16LE(type, entry + 2);
      bytes.writeUInt32LE(count, entry + 4);
      bytes.writeUInt32LE(value, entry + 8);
    }
    const next = at + 1 < directories ? start + size : isRing ? 16 : 0;
    bytes.writeUInt32LE(next, start + size - 4);
  }
  return bytes;
}

describe('a bomb', () => {
  it.each([
    ['a PNG of 50,000 x 50,000', png(50_000, 50_000), 'png', ['input_too_many_pixels']],
    ['a PNG of 2^31 rows', png(1, 2 ** 31 - 1), 'png', ['input_too_many_pixels']],
    ['a PNG of 1 x 100,000 without its rows', png(1, 100_000), 'png', [1, 'corrupt_input']],
    ['a PNG of nothing', png(0, 0), 'png', ['corrupt_input']],
    [
      '65,535 directories of a TIFF',
      tiff(65_535, false),
      'tiff',
      ['input_too_complex', 'corrupt_input'],
    ],
    ['a TIFF that is a ring', tiff(3, true), 'tiff', [1, 3, 'input_too_complex', 'corrupt_input']],
  ] as [string, Buffer, FileType, (string | number)[]][])(
    'of %s ends with a stated answer',
    async (_, bytes, type, answers) => {
      expect(answers).toContain(await outcome([save(bytes, type)]));
    },
  );

  it('of a JPEG of 65,500 x 65,500 is refused by its header', async () => {
    expect(await outcome([save(await jpegOf(65_500, 65_500), 'jpg')])).toBe(
      'input_too_many_pixels',
    );
  });

  it('of a GIF with 1,100 frames is too complex', async () => {
    const frames = await Promise.all(
      Array.from({ length: 1_100 }, (_, at) =>
        sharp({
          create: {
            width: 2,
            height: 2,
            channels: 3,
            background: { r: (at * 97) % 256, g: (at * 41) % 256, b: at % 2 === 0 ? 0 : 255 },
          },
        })
          .png()
          .toBuffer(),
      ),
    );
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect(await outcome([save(gif, 'gif')])).toBe('input_too_complex');
  });

  it('of an animated WebP gives its first frame', async () => {
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

  it('a profile of four million bytes and a false one do no harm', async () => {
    const profile = Buffer.concat([Buffer.from('x\0\0'), deflateSync(Buffer.alloc(4_000_000))]);
    const rows = Buffer.alloc(10 * (1 + 30));
    expect(await outcome([save(png(10, 10, rows, [chunk('iCCP', profile)]), 'png')])).toBe(1);
    expect(
      await outcome([save(png(10, 10, rows, [chunk('iCCP', Buffer.from('x\0\0junk'))]), 'png')]),
    ).toBe(1);
  });
});
