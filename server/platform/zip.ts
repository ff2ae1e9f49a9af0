import type { Readable } from 'node:stream';
import { displayName, uniqueNames } from '@nebula/contract/filename';
import { ZipFile } from 'yazl';

/** ZIP entries carry no clock, so that equal runs give equal bytes. */
const zipTime = new Date(Date.UTC(1980, 0, 2));

/** Files as one ZIP, each read when its turn comes; `size` is known before the first byte. */
export function openZip(files: { filename: string; size: number; open: () => Readable }[]): {
  stream: Readable;
  size: Promise<number>;
} {
  const zip = new ZipFile();
  const names = uniqueNames(files.map(({ filename }) => displayName(filename)));
  for (const [at, file] of files.entries()) {
    zip.addReadStreamLazy(
      names[at] ?? 'file',
      { mtime: zipTime, compress: false, size: file.size },
      (done) => done(null, file.open()),
    );
  }
  const size = new Promise<number>((resolve) => {
    // Its types do not know that the callback gets the size.
    zip.end(undefined, (...[bytes = 0]: number[]) => resolve(bytes));
  });
  return { stream: zip.outputStream as unknown as Readable, size };
}
