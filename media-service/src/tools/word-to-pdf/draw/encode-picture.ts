import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import type { PreparedPicture } from './pictures.ts';

sharp.cache(false);
sharp.concurrency(1);

/** Decodes anything that sharp reads; photos become JPEG, everything else stays without loss. */
export async function encodePicture(
  data: Buffer,
  { maxPixels, quality, width }: { width: number; quality: number; maxPixels: number },
): Promise<PreparedPicture> {
  const source = sharp(data, { limitInputPixels: maxPixels, pages: 1 });
  const meta = await source.metadata();
  const isPhoto = !meta.hasAlpha && meta.format !== 'png' && meta.format !== 'gif';
  const image = source.toColourspace('srgb').resize({ width, withoutEnlargement: true });
  if (isPhoto) {
    const { data: jpeg, info } = await image
      .jpeg({ quality })
      .toBuffer({ resolveWithObject: true });
    return { kind: 'jpeg', data: jpeg, width: info.width, height: info.height };
  }
  const { data: raw, info } = await image
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const count = info.width * info.height;
  const colors = Buffer.alloc(count * 3);
  const alpha = Buffer.alloc(count);
  let isOpaque = true;
  for (let at = 0; at < count; at++) {
    colors[at * 3] = raw[at * 4] ?? 0;
    colors[at * 3 + 1] = raw[at * 4 + 1] ?? 0;
    colors[at * 3 + 2] = raw[at * 4 + 2] ?? 0;
    const own = raw[at * 4 + 3] ?? 255;
    alpha[at] = own;
    if (own !== 255) isOpaque = false;
  }
  return {
    kind: 'pixels',
    width: info.width,
    height: info.height,
    data: deflateSync(colors),
    colors: 3,
    predictor: false,
    alpha: isOpaque ? undefined : deflateSync(alpha),
    bits: 8,
  };
}
