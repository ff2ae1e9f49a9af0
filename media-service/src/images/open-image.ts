import { AppError } from '@nebula/contract/errors';
import type { InputFile } from '@nebula/contract/tool';
import type { SharpPool } from '../engines/sharp.ts';
import type { Normalised, RawImage } from '../engines/sharp-worker.ts';
import { readHeader } from './read-header.ts';

/** An image that OpenCV can open: the file itself, or raw pixels of it. */
export type OpenedImage = {
  /** Size of the whole upright picture. */
  width: number;
  height: number;
  /** EXIF orientation that OpenCV has still to apply. */
  orientation: number;
  hasAlpha: boolean;
  /** Frames of an animation or pages of a document; 1 for a plain picture. */
  frames: number;
  /** Whether the colours had to be converted to sRGB. */
  wasConverted: boolean;
  pixels: { path: string; type: string } | { raw: RawImage };
};

/**
 * Opens an image to be looked at upright. What is not a plain JPEG, PNG or WebP is decoded by sharp
 * into `rawPath`, no larger than `maxSide`. The pixels are counted before any are unpacked.
 *
 * @throws AppError `input_too_many_pixels` or `corrupt_input`
 */
export async function openImage(
  file: InputFile,
  {
    maxPixels,
    maxSide,
    rawPath,
    sharp,
    signal,
  }: {
    maxPixels: number;
    maxSide: number;
    rawPath: string;
    sharp: SharpPool;
    signal: AbortSignal;
  },
): Promise<OpenedImage> {
  const header = await readHeader(file.path, file.type);
  if (header) assertPixels(header.width, header.height, maxPixels);
  if (header?.isPlain) {
    const { hasAlpha, height, orientation, width } = header;
    const size = orientation >= 5 ? { width: height, height: width } : { width, height };
    const pixels = { path: file.path, type: file.type };
    return { ...size, orientation, hasAlpha, frames: 1, wasConverted: false, pixels };
  }
  const { frames, hasAlpha, height, raw, wasConverted, width } = await sharp.request<Normalised>(
    { op: 'normalise', input: file.path, output: rawPath, autoRotate: true, maxPixels, maxSide },
    signal,
  );
  return { width, height, orientation: 1, hasAlpha, frames, wasConverted, pixels: { raw } };
}

function assertPixels(width: number, height: number, limit: number): void {
  const pixels = width * height;
  if (pixels > 0 && pixels <= limit) return;
  const message = `The image has ${width} x ${height} pixels; at most ${limit} in all are accepted.`;
  throw new AppError('input_too_many_pixels', message, { extra: { pixels, limit } });
}
