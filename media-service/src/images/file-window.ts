import type { FileHandle } from 'node:fs/promises';

const windowBytes = 1024 * 1024;

/** Looks at a file through one piece of memory that is used again and again. */
export type FileWindow = {
  /**
   * Some of the `length` bytes from `at` on, at least one; none behind the end of the file. They are
   * good until the next call.
   */
  some: (at: number, length: number) => Promise<Buffer>;
  /** All of `length` bytes, at most a mebibyte; fewer at the end of the file. */
  all: (at: number, length: number) => Promise<Buffer>;
};

export function createFileWindow(file: FileHandle): FileWindow {
  const memory = Buffer.allocUnsafe(windowBytes);
  let start = 0;
  let end = 0;
  const look = async (at: number) => {
    const { bytesRead } = await file.read(memory, 0, windowBytes, at);
    start = at;
    end = at + bytesRead;
  };
  const seen = (at: number, length: number) =>
    memory.subarray(at - start, Math.min(at + length, end) - start);
  return {
    some: async (at, length) => {
      if (at < start || at >= end) await look(at);
      return seen(at, length);
    },
    all: async (at, length) => {
      if (at < start || at + length > end) await look(at);
      return seen(at, length);
    },
  };
}
