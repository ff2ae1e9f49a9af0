import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 256 * 1024;

/**
 * The first `size` bytes of a file in chunks of at most 256 KiB; for small files far cheaper than a
 * stream.
 *
 * @throws Error when the file ends before
 */
export async function* readChunks(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < size; ) {
    const length = Math.min(chunkBytes, size - position);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
    if (bytesRead === 0) throw new Error(`the file ends ${size - position} bytes early`);
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
