import { open } from 'node:fs/promises';

/**
 * Whether the boxes of an MP4 fill the file exactly. A file that lost its end looks whole to whoever
 * reads its header alone, because the header lies in front.
 */
export async function isWholeMp4(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(16);
    let at = 0;
    // A dozen boxes at most lie side by side in what our encoder writes.
    for (let count = 0; at < size && count < 1000; count++) {
      const { bytesRead } = await file.read(head, 0, 16, at);
      if (bytesRead < 8) return false;
      const short = head.readUInt32BE(0);
      const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
      if (length < 8) return false;
      at += length;
    }
    return at === size;
  } finally {
    await file.close();
  }
}

/** Whether an AVI is as long as its first bytes say; its reader would take what is there for all. */
export async function isCutAvi(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const said = buffer.readUInt32LE(4);
    // Writers that never came to fill in the length leave the largest one, or none.
    return said < 0xfffffff0 && said + 8 > size;
  } finally {
    await file.close();
  }
}
