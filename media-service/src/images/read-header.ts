import { type FileHandle, open } from 'node:fs/promises';

/** What the header of a plain JPEG, PNG or WebP says. */
export type Header = {
  width: number;
  height: number;
  hasAlpha: boolean;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
  /** Whether OpenCV may decode it as it is: 8-bit, RGB or grey, sRGB, one frame, and whole. */
  isPlain: boolean;
};

/** Enough for the metadata of any sane file; what lies behind it is treated as not plain. */
const headBytes = 256 * 1024;
const tailBytes = 64 * 1024;

/**
 * Reads the header of a file that may go to OpenCV directly. Own code, because it runs on hostile
 * bytes in the parent process: it only compares numbers, and answers undefined when in doubt.
 */
export async function readHeader(path: string, type: string): Promise<Header | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = await readPart(file, 0, Math.min(size, headBytes));
    const tailStart = Math.max(0, size - tailBytes);
    const tail = await readPart(file, tailStart, size - tailStart);
    if (type === 'jpg') return readJpeg(head, tail, tailStart);
    if (type === 'png') return readPng(head, tail);
    if (type === 'webp') return readWebp(head, size);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

async function readPart(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

function readJpeg(head: Buffer, tail: Buffer, tailStart: number): Header | undefined {
  let frame: { precision: number; width: number; height: number; components: number } | undefined;
  let orientation = 1;
  let isSrgb = true;
  for (let at = 2; at + 4 < head.length; ) {
    if (head[at] !== 0xff) return undefined;
    const marker = head.readUInt8(at + 1);
    const length = head.readUInt16BE(at + 2);
    const segment = head.subarray(at + 4, at + 2 + length);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) frame = readFrame(segment);
    if (marker === 0xe1 && ascii(segment, 0, 6) === 'Exif\0\0')
      orientation = readOrientation(segment.subarray(6)) ?? orientation;
    if (marker === 0xe2 && ascii(segment, 0, 12) === 'ICC_PROFILE\0')
      isSrgb &&= isSrgbProfile(segment.subarray(14));
    if (marker === 0xda) {
      const endsWell = tail.lastIndexOf(Buffer.from([0xff, 0xd9])) > at - tailStart;
      const isSimple = frame?.precision === 8 && [1, 3].includes(frame.components);
      const size = frame && { width: frame.width, height: frame.height };
      return (
        size && { ...size, orientation, hasAlpha: false, isPlain: isSimple && isSrgb && endsWell }
      );
    }
    at += 2 + length;
  }
  return undefined;
}

function readFrame(segment: Buffer) {
  return {
    precision: segment.readUInt8(0),
    height: segment.readUInt16BE(1),
    width: segment.readUInt16BE(3),
    components: segment.readUInt8(5),
  };
}

function readPng(head: Buffer, tail: Buffer): Header | undefined {
  const depth = head.readUInt8(24);
  const colorType = head.readUInt8(25);
  const size = { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  let isPlain = depth === 8 && [0, 2, 6].includes(colorType);
  let orientation = 1;
  for (let at = 8; at + 12 <= head.length; ) {
    const length = head.readUInt32BE(at);
    const kind = ascii(head, at + 4, at + 8);
    const data = head.subarray(at + 8, at + 8 + length);
    if (['iCCP', 'tRNS', 'acTL'].includes(kind)) isPlain = false;
    if (kind === 'gAMA' && data.readUInt32BE(0) !== 45_455) isPlain = false;
    if (kind === 'eXIf') orientation = readOrientation(data) ?? 1;
    if (kind === 'IDAT') {
      const endsWell = tail.includes('IEND');
      return { ...size, orientation, hasAlpha: colorType === 6, isPlain: isPlain && endsWell };
    }
    at += 12 + length;
  }
  return undefined;
}

function readWebp(head: Buffer, size: number): Header | undefined {
  const isWhole = head.readUInt32LE(4) + 8 <= size;
  const kind = ascii(head, 12, 16);
  if (kind === 'VP8 ') {
    const width = head.readUInt16LE(26) & 0x3fff;
    const height = head.readUInt16LE(28) & 0x3fff;
    return { width, height, orientation: 1, hasAlpha: false, isPlain: isWhole };
  }
  if (kind === 'VP8L') {
    const bits = head.readUInt32LE(21);
    const width = (bits & 0x3fff) + 1;
    const height = ((bits >>> 14) & 0x3fff) + 1;
    return { width, height, orientation: 1, hasAlpha: (bits >>> 28) % 2 === 1, isPlain: isWhole };
  }
  // VP8X says what else there is: colour profile, EXIF, animation. Only alpha is simple.
  const flags = head.readUInt8(20);
  const width = head.readUIntLE(24, 3) + 1;
  const height = head.readUIntLE(27, 3) + 1;
  const isSimple = kind === 'VP8X' && (flags & 0b0010_1010) === 0;
  return {
    width,
    height,
    orientation: 1,
    hasAlpha: (flags & 0x10) !== 0,
    isPlain: isSimple && isWhole,
  };
}

/** The orientation of a TIFF block, or undefined where it is not there or not 1 to 8. */
export function readOrientation(tiff: Buffer): number | undefined {
  const isLittle = ascii(tiff, 0, 2) === 'II';
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  try {
    const directory = long(4);
    const count = Math.min(short(directory), 200);
    for (let entry = 0; entry < count; entry++) {
      const at = directory + 2 + entry * 12;
      if (short(at) !== 0x0112) continue;
      const value = short(at + 8);
      return value >= 1 && value <= 8 ? value : undefined;
    }
  } catch {
    // A damaged block says nothing.
  }
  return undefined;
}

/** Phones and editors often attach plain sRGB; everything else is converted. */
function isSrgbProfile(profile: Buffer): boolean {
  const text = profile.subarray(0, 4096).toString('latin1').replaceAll('\0', '');
  return /sRGB/.test(text) && !/Display P3|Adobe RGB|ProPhoto/.test(text);
}

const ascii = (bytes: Buffer, start: number, end: number) => bytes.toString('latin1', start, end);
