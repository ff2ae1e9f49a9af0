import { open } from 'node:fs/promises';
import { AppError } from '@nebula/contract/errors';
import { createFileWindow } from './file-window.ts';
import { readOrientation } from './read-header.ts';

/** What a PNG is made of; `data` are the places of its packed pixels in the file. */
export type PngParts = {
  width: number;
  height: number;
  depth: 1 | 2 | 4 | 8 | 16;
  /** 0 is gray, 2 RGB, 3 a palette; with 4 added there is transparency. */
  colorType: number;
  isInterlaced: boolean;
  /** Colours of the palette, three bytes each. */
  palette?: Buffer;
  hasTransparency: boolean;
  /** The colour profile, packed by zlib as the file has it. */
  profile?: Buffer;
  orientation: number;
  data: { start: number; length: number; sum: number }[];
};

const maxChunks = 200_000;
const kept = new Set(['IHDR', 'PLTE', 'iCCP', 'eXIf']);
const maxKeptBytes = 4 * 1024 * 1024;

/**
 * Walks through the chunks of a PNG without reading its pixels.
 *
 * @throws AppError `corrupt_input` when it does not reach the end
 */
export async function readPngParts(path: string): Promise<PngParts> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const window = createFileWindow(file);
    const parts: Partial<PngParts> & Pick<PngParts, 'data'> = {
      data: [],
      hasTransparency: false,
      orientation: 1,
    };
    for (let at = 8, count = 0; count < maxChunks && at + 12 <= size; count++) {
      const head = await window.all(at, 8);
      const length = head.readUInt32BE(0);
      const kind = head.toString('latin1', 4, 8);
      if (at + 12 + length > size) break;
      if (kind === 'IEND') return whole(parts);
      if (kind === 'IDAT') {
        const sum = (await window.all(at + 8 + length, 4)).readUInt32BE(0);
        parts.data.push({ start: at + 8, length, sum });
      }
      if (kind === 'tRNS') parts.hasTransparency = true;
      if (kept.has(kind) && length <= maxKeptBytes) {
        const { buffer } = await file.read(Buffer.alloc(length), 0, length, at + 8);
        take(parts, kind, buffer);
      }
      at += 12 + length;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  } finally {
    await file.close();
  }
  throw damaged();
}

export function damaged(): AppError {
  return new AppError('corrupt_input', 'The image is damaged and cannot be read.');
}

function take(parts: Partial<PngParts>, kind: string, chunk: Buffer): void {
  if (kind === 'PLTE') parts.palette = chunk;
  if (kind === 'eXIf') parts.orientation = readOrientation(chunk) ?? 1;
  // Behind its name and the method there is the profile.
  if (kind === 'iCCP') parts.profile = chunk.subarray(chunk.indexOf(0) + 2);
  if (kind !== 'IHDR') return;
  parts.width = chunk.readUInt32BE(0);
  parts.height = chunk.readUInt32BE(4);
  parts.depth = chunk.readUInt8(8) as PngParts['depth'];
  parts.colorType = chunk.readUInt8(9);
  parts.isInterlaced = chunk.readUInt8(12) !== 0;
  if (parts.colorType >= 4) parts.hasTransparency = true;
}

function whole(parts: Partial<PngParts> & Pick<PngParts, 'data'>): PngParts {
  const { colorType, data, depth, height = 0, width = 0 } = parts;
  const isSized = width > 0 && height > 0 && width < 2 ** 31 && height < 2 ** 31;
  const isKnown =
    [1, 2, 4, 8, 16].includes(depth ?? 0) && [0, 2, 3, 4, 6].includes(colorType ?? -1);
  const hasPalette = colorType !== 3 || (parts.palette?.length ?? 0) >= 3;
  if (!isSized || !isKnown || !hasPalette || data.length === 0) throw damaged();
  return parts as PngParts;
}
