import { open, rm } from 'node:fs/promises';

/** Pixels of one page, 8 bits a sample, row by row from the top. */
export type RawPage = { width: number; height: number; channels: 1 | 3; data: Buffer };

const maxHeaderBytes = 256;
const chunkBytes = 64 * 1024 * 1024;

/**
 * Reads a binary PPM or PGM file that Ghostscript has made, and removes it.
 *
 * @param into is used where it is large enough: memory that was touched before is far cheaper
 * @throws Error when the file is something else, or not whole
 */
export async function takePixels(path: string, into?: Buffer): Promise<RawPage> {
  const file = await open(path);
  try {
    const head = await file.read(Buffer.alloc(maxHeaderBytes), 0, maxHeaderBytes, 0);
    const header = readHeader(head.buffer.toString('latin1', 0, head.bytesRead));
    const { channels, height, width } = header;
    const length = width * height * channels;
    const { size } = await file.stat();
    if (size !== header.bytes + length)
      throw new Error(`a page of ${width}x${height} has ${size} bytes`);
    const isEnough = into !== undefined && into.length >= length;
    const data = isEnough ? into.subarray(0, length) : Buffer.allocUnsafe(length);
    for (let at = 0; at < length; ) {
      const part = Math.min(chunkBytes, length - at);
      const { bytesRead } = await file.read(data, at, part, header.bytes + at);
      if (bytesRead === 0) throw new Error('a page ends early');
      at += bytesRead;
    }
    return { width, height, channels, data };
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** Size and length of a header such as `P6\n# …\n1240 1754\n255\n`. */
function readHeader(text: string) {
  const match = /^P([56])\s(?:#[^\n]*\n)*\s*(\d{1,7})\s+(\d{1,7})\s+255\s/.exec(text);
  if (!match) throw new Error('a page is no PPM or PGM file');
  const channels: 1 | 3 = match[1] === '5' ? 1 : 3;
  return { bytes: match[0].length, channels, width: Number(match[2]), height: Number(match[3]) };
}
