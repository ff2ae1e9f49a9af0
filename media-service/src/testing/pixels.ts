import sharp from 'sharp';

/** Red, green and blue (and alpha, where there is one) at a point, counted from the top left. */
export async function pixelAt(picture: string | Buffer, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + info.channels)];
}

/** Peak signal-to-noise ratio of two pictures of one size, in dB; infinite for equal ones. */
export async function psnr(one: string | Buffer, two: string | Buffer): Promise<number> {
  const [a, b] = await Promise.all(
    [one, two].map((each) => sharp(each).removeAlpha().toColourspace('srgb').raw().toBuffer()),
  );
  if (!a || !b || a.length !== b.length) throw new Error('the pictures are of different sizes');
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2;
  return sum === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(255 ** 2 / (sum / a.length));
}
