import { type FileHandle, open } from 'node:fs/promises';
import { readOrientation } from './read-header.ts';

/** What a JPEG says of itself before its pixels begin. */
export type JpegParts = {
  width: number;
  height: number;
  components: 1 | 3 | 4;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
  /** Adobe's CMYK has its inks the other way round. */
  isInverted: boolean;
  /** The colour profile, put together from its segments. */
  profile?: Buffer;
};

/** Most headers are small; a profile or a preview may make one large. */
const headSizes = [64 * 1024, 4 * 1024 * 1024];
const tailBytes = 64;

/**
 * Reads the segments of a JPEG that every PDF reader can show: 8 bits, baseline or progressive, whole.
 *
 * @returns undefined for any other, which has to be decoded
 */
export async function readJpegParts(path: string): Promise<JpegParts | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = await readPart(file, Math.max(0, size - tailBytes), Math.min(size, tailBytes));
    if (tail.lastIndexOf(Buffer.from([0xff, 0xd9])) < 0) return undefined;
    for (const bytes of headSizes) {
      const parts = readSegments(await readPart(file, 0, Math.min(size, bytes)));
      if (parts) return parts;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

async function readPart(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

function readSegments(head: Buffer): JpegParts | undefined {
  try {
    return walkSegments(head);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function walkSegments(head: Buffer): JpegParts | undefined {
  let frame: Pick<JpegParts, 'width' | 'height' | 'components'> | undefined;
  let orientation = 1;
  let isInverted = false;
  const profile = new Map<number, Buffer>();
  for (let at = 2; at + 4 < head.length; ) {
    if (head[at] !== 0xff) return undefined;
    const marker = head.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = head.readUInt16BE(at + 2);
    const segment = head.subarray(at + 4, at + 2 + length);
    const name = segment.toString('latin1', 0, 12);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      frame = marker <= 0xc2 ? readFrame(segment) : undefined;
      if (!frame) return undefined;
    }
    if (marker === 0xe1 && name.startsWith('Exif\0\0'))
      orientation = readOrientation(segment.subarray(6)) ?? orientation;
    if (marker === 0xe2 && name === 'ICC_PROFILE\0')
      profile.set(segment.readUInt8(12), segment.subarray(14));
    if (marker === 0xee && name.startsWith('Adobe')) isInverted = true;
    if (marker === 0xda) {
      if (!frame) return undefined;
      const parts = [...profile].sort(([a], [b]) => a - b).map(([, part]) => part);
      return {
        ...frame,
        orientation,
        isInverted: isInverted && frame.components === 4,
        ...(parts.length > 0 ? { profile: Buffer.concat(parts) } : {}),
      };
    }
    at += 2 + length;
  }
  return undefined;
}

function readFrame(
  segment: Buffer,
): Pick<JpegParts, 'width' | 'height' | 'components'> | undefined {
  const components = segment.readUInt8(5);
  const height = segment.readUInt16BE(1);
  const width = segment.readUInt16BE(3);
  const isKnown = components === 1 || components === 3 || components === 4;
  if (segment.readUInt8(0) !== 8 || !isKnown || width * height === 0) return undefined;
  return { width, height, components };
}
