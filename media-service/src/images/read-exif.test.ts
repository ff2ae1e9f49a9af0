import sharp, { type Exif } from 'sharp';
import { describe, expect, test } from 'vitest';
import { readExif } from './read-exif.ts';

/** The block of a picture that sharp has written with these tags. */
async function blockOf(exif: Exif): Promise<Buffer> {
  const plain = sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } });
  const { exif: block } = await sharp(await plain.withExif(exif).jpeg().toBuffer()).metadata();
  if (!block) throw new Error('the picture has no EXIF');
  return block;
}

const tags = {
  IFD0: { Make: 'Nebula', Model: 'One', Software: 'test' },
  IFD2: {
    DateTimeOriginal: '2024:05:01 12:30:00',
    ExposureTime: '1/250',
    FNumber: '28/10',
    ISOSpeedRatings: '400',
    FocalLength: '50/1',
  },
  IFD3: { GPSLatitude: '1/1 2/1 3/1', GPSLongitude: '4/1 5/1 6/1' },
};

test('what a camera wrote is read', async () => {
  expect(readExif(await blockOf(tags))).toEqual({
    make: 'Nebula',
    model: 'One',
    software: 'test',
    taken_at: '2024-05-01T12:30:00',
    exposure_seconds: 1 / 250,
    f_number: 2.8,
    iso: 400,
    focal_length_mm: 50,
    has_gps: true,
  });
});

test('a block with little in it has little to say', async () => {
  const exif = readExif(await blockOf({ IFD0: { Make: 'Nebula' } }));
  expect(exif).toMatchObject({ make: 'Nebula', model: null, iso: null, has_gps: false });
});

describe('a damaged block', () => {
  test('is no block when it does not begin like one', () => {
    expect(readExif(Buffer.from('nothing of the kind'))).toBeUndefined();
    expect(readExif(Buffer.alloc(0))).toBeUndefined();
  });

  test('never throws, wherever it is cut or changed', async () => {
    const block = await blockOf(tags);
    for (let at = 0; at < block.length; at++) {
      expect(() => readExif(block.subarray(0, at))).not.toThrow();
      for (const value of [0, 0x7f, 0xff]) {
        const changed = Buffer.from(block);
        changed[at] = value;
        expect(() => readExif(changed)).not.toThrow();
      }
    }
  });
});
