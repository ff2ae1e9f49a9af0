import { readFile, writeFile } from 'node:fs/promises';
import { AppError, isAppError } from '@nebula/contract/errors';
import type { Exif } from '@nebula/contract/file-facts';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { readExif } from '../images/read-exif.ts';
import { shortageOf } from '../jobs/shortage.ts';

/** A raw picture on disk: 8-bit samples, row by row. */
export type RawImage = { path: string; width: number; height: number; channels: 3 | 4 };

export type SharpRequest =
  | {
      op: 'normalise';
      input: string;
      output: string;
      autoRotate: boolean;
      maxPixels: number;
      /** The longer side of the pixels that are wanted; more are not written. */
      maxSide?: number;
    }
  | { op: 'inspect'; input: string; maxPixels: number }
  | {
      op: 'page';
      input: string;
      /** Which frame or page, from 0. */
      page: number;
      output: string;
      format: 'png' | 'jpg';
      quality: number;
      /** Put behind transparent parts, as #rrggbb. */
      background: string;
      isGray: boolean;
      maxPixels: number;
      /** Upright sides to scale down to. */
      size?: { width: number; height: number };
    }
  | ({ op: 'encode'; raw: RawImage; output: string; metadataFrom?: string } & Encoding);

type Encoding = {
  format: 'png' | 'jpg' | 'webp' | 'avif';
  quality: number;
  lossless: boolean;
  progressive: boolean;
  maxBytes?: number;
};

export type Normalised = {
  raw: RawImage;
  /** Size of the whole upright picture, which `raw` may be smaller than. */
  width: number;
  height: number;
  format: string;
  frames: number;
  wasConverted: boolean;
  hasAlpha: boolean;
  orientation: number;
};

export type Encoded = { quality: number };

/** What a picture is, without its pixels; sides are those of one upright frame. */
export type Inspected = {
  width: number;
  height: number;
  /** Frames of an animation or pages of a document. */
  pages: number;
  hasAlpha: boolean;
  /** Whether it was packed with loss, so that a little more of it is not seen. */
  isPhoto: boolean;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
  /** Dots per inch, where the file says so. */
  dpi?: number;
  colorSpace?: string;
  exif?: Exif;
};

/** A frame that was decoded and written anew. */
export type WrittenPage = { width: number; height: number };

sharp.cache(false);
sharp.concurrency(1);

/** AVIF beyond effort 0 takes 50 times as long for half a decibel. */
const avifEffort = 0;
const webpEffort = 2;

/** Decodes anything that sharp reads to upright 8-bit sRGB pixels. */
async function normalise(request: Extract<SharpRequest, { op: 'normalise' }>): Promise<Normalised> {
  const limit = { limitInputPixels: request.maxPixels, failOn: 'truncated' as const };
  const meta = await sharp(request.input, { limitInputPixels: false }).metadata();
  const pixels = (meta.width ?? 0) * (meta.pageHeight ?? meta.height ?? 0);
  if (pixels > request.maxPixels) throw tooManyPixels(pixels, request.maxPixels);
  let image = sharp(request.input, { ...limit, pages: 1 });
  if (request.autoRotate) image = image.autoOrient();
  image = image.toColourspace('srgb');
  if (meta.hasAlpha) image = image.ensureAlpha();
  const { maxSide } = request;
  const whole = request.autoRotate ? meta.autoOrient : meta;
  const size = { width: whole.width, height: meta.pageHeight ?? whole.height };
  if (maxSide) image = image.resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true });
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  await writeFile(request.output, data);
  return {
    raw: {
      path: request.output,
      width: info.width,
      height: info.height,
      channels: info.channels as 3 | 4,
    },
    ...size,
    format: meta.format === 'heif' ? 'avif' : (meta.format ?? ''),
    frames: meta.pages ?? 1,
    wasConverted: isConverted(meta),
    hasAlpha: meta.hasAlpha ?? false,
    orientation: meta.orientation ?? 1,
  };
}

async function inspect({
  input,
  maxPixels,
}: Extract<SharpRequest, { op: 'inspect' }>): Promise<Inspected> {
  const meta = await sharp(input, { limitInputPixels: false }).metadata();
  const { autoOrient, format = '', hasAlpha = false, pageHeight, pages = 1 } = meta;
  const isTurned = autoOrient.width !== meta.width;
  const height = isTurned ? autoOrient.height : (pageHeight ?? autoOrient.height);
  const pixels = autoOrient.width * height;
  if (pixels > maxPixels) throw tooManyPixels(pixels, maxPixels);
  const isLossy = format === 'jpeg' || format === 'heif';
  const isPhoto = isLossy || (format === 'webp' && !hasAlpha);
  return {
    width: autoOrient.width,
    height,
    pages,
    hasAlpha,
    isPhoto,
    orientation: meta.orientation ?? 1,
    dpi: meta.density,
    colorSpace: meta.space,
    exif: meta.exif && readExif(meta.exif),
  };
}

/** Decodes one frame and writes it upright, without transparency, in sRGB or gray. */
async function writePage(request: Extract<SharpRequest, { op: 'page' }>): Promise<WrittenPage> {
  const { background, input, isGray, maxPixels, output, page, quality, size } = request;
  let image = sharp(input, { limitInputPixels: maxPixels, failOn: 'truncated', page, pages: 1 })
    .autoOrient()
    .flatten({ background })
    .toColourspace(isGray ? 'b-w' : 'srgb');
  if (isGray) image = image.grayscale();
  if (size) image = image.resize(size.width, size.height, { fit: 'fill' });
  const encoded =
    request.format === 'jpg' ? image.jpeg({ quality }) : image.png({ compressionLevel: 6 });
  const { height, width } = await encoded.toFile(output);
  return { width, height };
}

/** Whether the colours themselves changed: another profile, CMYK, Lab. */
function isConverted(meta: Metadata): boolean {
  if (meta.space === 'cmyk' || meta.space === 'lab') return true;
  const profile = meta.icc?.subarray(0, 4096).toString('latin1').replaceAll('\0', '') ?? '';
  return profile !== '' && !/sRGB/.test(profile) && !/gray|grey/i.test(profile);
}

/** Encodes raw pixels; with a limit, at the highest quality that stays below it. */
async function encode(request: Extract<SharpRequest, { op: 'encode' }>): Promise<Encoded> {
  const { maxBytes, quality } = request;
  if (maxBytes === undefined) {
    await (await encoder(request, quality)).toFile(request.output);
    return { quality };
  }
  let best: { data: Buffer; quality: number } | undefined;
  let low = 1;
  let high = request.lossless || request.format === 'png' ? 1 : quality;
  let next = high;
  while (low <= high) {
    const data = await (await encoder(request, next)).toBuffer();
    if (data.length <= maxBytes) {
      best = { data, quality: next };
      low = next + 1;
    } else {
      high = next - 1;
    }
    next = Math.floor((low + high) / 2);
  }
  if (!best)
    throw new AppError('target_unreachable', `The image does not fit into ${maxBytes} bytes.`, {
      param: 'max_bytes',
    });
  await writeFile(request.output, best.data);
  return { quality: best.quality };
}

async function encoder(
  { format, lossless, metadataFrom, progressive, raw }: Extract<SharpRequest, { op: 'encode' }>,
  quality: number,
): Promise<Sharp> {
  const { channels, height, path, width } = raw;
  const pixels = await readFile(path);
  let image = sharp(pixels, { raw: { width, height, channels } });
  if (metadataFrom) image = await withMetadataOf(metadataFrom, { pixels, width, height, channels });
  switch (format) {
    case 'avif':
      return image.avif({ quality, lossless, effort: avifEffort, chromaSubsampling: '4:2:0' });
    case 'webp':
      return image.webp({ quality, lossless, effort: webpEffort });
    case 'png':
      return image.png({ compressionLevel: 6 });
    default:
      return image.jpeg({ quality, progressive });
  }
}

/** Takes EXIF and XMP of the input, and none of its pixels: the finished ones cover them. */
async function withMetadataOf(
  input: string,
  {
    channels,
    height,
    pixels,
    width,
  }: { pixels: Buffer; width: number; height: number; channels: 3 | 4 },
): Promise<Sharp> {
  const overlay = { input: pixels, raw: { width, height, channels }, blend: 'source' as const };
  return sharp(input, { pages: 1 })
    .autoOrient()
    .resize(width, height, { fit: 'fill', kernel: 'nearest' })
    .composite([overlay])
    .keepExif()
    .keepXmp();
}

function tooManyPixels(pixels: number, limit: number): AppError {
  const message = `The image has ${pixels} pixels; at most ${limit} are accepted.`;
  return new AppError('input_too_many_pixels', message, { extra: { pixels, limit } });
}

function toWire(error: unknown) {
  const known = isAppError(error) ? error : shortageOf(error);
  if (known) return known.toWire();
  const text = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(text))
    return new AppError('input_too_many_pixels', 'The image has too many pixels.').toWire();
  return new AppError('corrupt_input', 'The image is damaged and cannot be read.', {
    cause: error,
  }).toWire();
}

function send(message: unknown): void {
  const json = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  process.stdout.write(Buffer.concat([length, json]));
}

function answer(request: SharpRequest): Promise<unknown> {
  switch (request.op) {
    case 'normalise':
      return normalise(request);
    case 'inspect':
      return inspect(request);
    case 'page':
      return writePage(request);
    case 'encode':
      return encode(request);
  }
}

let rest: Buffer = Buffer.alloc(0);
process.stdin.on('data', async (data: Buffer) => {
  rest = Buffer.concat([rest, data]);
  if (rest.length < 4 || rest.length < 4 + rest.readUInt32BE(0)) return;
  const request = JSON.parse(
    rest.subarray(4, 4 + rest.readUInt32BE(0)).toString(),
  ) as SharpRequest & { id: number };
  rest = rest.subarray(4 + rest.readUInt32BE(0));
  try {
    send({ id: request.id, result: await answer(request) });
  } catch (error) {
    send({ id: request.id, error: toWire(error) });
  }
});
process.stdin.on('end', () => process.exit(0));
send({ ready: true, version: `${sharp.versions.sharp} (libvips ${sharp.versions.vips})` });
