import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRandom } from './random.ts';

export const photoWidth = 4000;
export const photoHeight = 3000;
const photoCount = 6;

/** To be raised when the drawing changes, because drawn photos are kept. */
const recipe = 2;

/** Layers of a picture: how many cells across, and how strong they are. */
const layers = [
  { cells: 5, strength: 0.45 },
  { cells: 31, strength: 0.3 },
  { cells: 180, strength: 0.18 },
  { cells: 1000, strength: 0.07 },
];

/** Height of the grain of a sensor, in steps of 0–255. */
const grain = 9;

export type Photo = { path: string; bytes: Buffer };

/** Synthetic 12 MP JPEGs (q90, 4:2:0) that compress like photographs; made once, then read. */
export async function loadPhotos(folder: string): Promise<Photo[]> {
  mkdirSync(folder, { recursive: true });
  const photos: Photo[] = [];
  for (let seed = 1; seed <= photoCount; seed++) {
    const path = join(folder, `photo-${recipe}-${seed}.jpg`);
    if (!existsSync(path)) writeFileSync(path, await drawPhoto(seed));
    photos.push({ path, bytes: readFileSync(path) });
  }
  return photos;
}

async function drawPhoto(seed: number): Promise<Buffer> {
  const random = createRandom(seed);
  const [a, b, c, d] = await Promise.all(layers.map((layer) => drawLayer(layer, random)));
  if (!a || !b || !c || !d) throw new Error('A photo is drawn from four layers.');
  const pixels = new Uint8ClampedArray(a.length);
  const steps = Int8Array.from({ length: 65_537 }, () => (random() - 0.5) * 2 * grain);
  for (let at = 0, pixel = 0; at < pixels.length; at += 3, pixel++) {
    // The layers come with their strength in them, each around the grey of its own share.
    const step = steps[pixel % steps.length] as number;
    for (let i = at; i < at + 3; i++)
      pixels[i] = (a[i] as number) + (b[i] as number) + (c[i] as number) + (d[i] as number) + step;
  }
  return sharp(pixels, { raw: { width: photoWidth, height: photoHeight, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Noise of one size: a small random picture, stretched over the whole. */
function drawLayer(
  { cells, strength }: (typeof layers)[number],
  random: () => number,
): Promise<Buffer> {
  const width = cells;
  const height = Math.ceil((cells * photoHeight) / photoWidth);
  const noise = Buffer.from(
    Array.from({ length: width * height * 3 }, () => random() * 256 * strength),
  );
  return sharp(noise, { raw: { width, height, channels: 3 } })
    .resize(photoWidth, photoHeight, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}
