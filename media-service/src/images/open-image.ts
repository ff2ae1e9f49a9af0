import { AppError } from '@nebula/contract/errors';
import type { InputFile } from '@nebula/contract/tool';
import type { SharpPool } from '../engines/sharp.ts';
import type { Inspected, Normalised, RawImage } from '../engines/sharp-worker.ts';
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

type Room = { maxPixels: number; sharp: SharpPool; signal: AbortSignal };

/**
 * Opens an image to be looked at upright. What is not a plain JPEG, PNG or WebP is decoded by sharp
 * into `rawPath`, no larger than `maxSide`. The pixels are counted before any are unpacked.
 *
 * @throws AppError `input_too_many_pixels` or `corrupt_input`
 */
export async function openImage(
  file: InputFile,
  { maxPixels, maxSide, rawPath, sharp, signal }: Room & { maxSide: number; rawPath: string },
): Promise<OpenedImage> {
  const plain = await openPlain(file, maxPixels);
  if (plain) return plain;
  const { frames, hasAlpha, height, raw, wasConverted, width } = await sharp.request<Normalised>(
    { op: 'normalise', input: file.path, output: rawPath, autoRotate: true, maxPixels, maxSide },
    signal,
  );
  return { width, height, orientation: 1, hasAlpha, frames, wasConverted, pixels: { raw } };
}

/**
 * The upright sides and the frames of an image that {@link openImage} would open; none of it is
 * decoded.
 *
 * @throws AppError `input_too_many_pixels` or `corrupt_input`
 */
export async function lookAtImage(
  file: InputFile,
  { maxPixels, sharp, signal }: Room,
): Promise<Pick<OpenedImage, 'width' | 'height' | 'frames'>> {
  const plain = await openPlain(file, maxPixels);
  if (plain) return plain;
  const request = { op: 'inspect', input: file.path, maxPixels } as const;
  const { height, pages, width } = await sharp.request<Inspected>(request, signal);
  return { width, height, frames: pages };
}

/** A file that OpenCV can decode as it is; undefined for all others. */
async function openPlain(file: InputFile, maxPixels: number): Promise<OpenedImage | undefined> {
  const header = await readHeader(file.path, file.type);
  if (header) assertPixels(header.width, header.height, maxPixels);
  if (!header?.isPlain) return undefined;
  const { hasAlpha, height, orientation, width } = header;
  const size = orientation >= 5 ? { width: height, height: width } : { width, height };
  const pixels = { path: file.path, type: file.type };
  return { ...size, orientation, hasAlpha, frames: 1, wasConverted: false, pixels };
}

function assertPixels(width: number, height: number, limit: number): void {
  const pixels = width * height;
  if (pixels > 0 && pixels <= limit) return;
  const message = `The image has ${width} x ${height} pixels; at most ${limit} in all are accepted.`;
  throw new AppError('input_too_many_pixels', message, { extra: { pixels, limit } });
}
