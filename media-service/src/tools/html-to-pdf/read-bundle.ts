import { AppError } from '@nebula/contract/errors';
import { type Entry, open, type ZipFile } from 'yauzl';

const maxEntries = 2_000;
const maxTotalBytes = 200 * 1024 * 1024;
const maxRatio = 100;
/** Small files may well shrink a hundredfold. */
const ratioFreeBytes = 1024 * 1024;

/** The files of an unzipped site by their path; they are served from here, never from disk. */
export type Bundle = { files: Map<string, Buffer>; index: string };

/** Unzips a site into memory under limits that are counted again while it inflates. */
export async function openBundle(path: string, signal: AbortSignal): Promise<Bundle> {
  const zip = await openZip(path);
  const files = new Map<string, Buffer>();
  let total = 0;
  try {
    for await (const entry of readEntries(zip)) {
      signal.throwIfAborted();
      assertEntry(entry, files.size);
      if (entry.fileName.endsWith('/')) continue;
      const data = await readEntry(zip, entry, maxTotalBytes - total);
      total += data.length;
      files.set(entry.fileName, data);
    }
  } finally {
    zip.close();
  }
  return { files, index: findIndex(files) };
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false, strictFileNames: true }, (error, zip) => {
      if (error) reject(damaged(error));
      else resolve(zip);
    });
  });
}

async function* readEntries(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | undefined>((resolve, reject) => {
      const done = () => settle(() => resolve(undefined));
      const next = (value: Entry) => settle(() => resolve(value));
      const fail = (error: Error) => settle(() => reject(damaged(error)));
      const settle = (finish: () => void) => {
        zip.off('entry', next).off('end', done).off('error', fail);
        finish();
      };
      zip.once('entry', next).once('end', done).once('error', fail);
      zip.readEntry();
    });
    if (!entry) return;
    yield entry;
  }
}

function assertEntry(entry: Entry, count: number): void {
  const isLink = ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;
  const isEncrypted = (entry.generalPurposeBitFlag & 1) === 1;
  const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize);
  const isBomb = ratio > maxRatio && entry.uncompressedSize > ratioFreeBytes;
  if (count >= maxEntries) throw refused(`more than ${maxEntries} files`);
  if (isLink) throw refused('a symbolic link');
  if (isEncrypted) throw refused('an encrypted file');
  if (isBomb || entry.uncompressedSize > maxTotalBytes)
    throw refused('a file that inflates too far');
}

function readEntry(zip: ZipFile, entry: Entry, room: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(damaged(error));
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > room) stream.destroy(refused(`more than ${maxTotalBytes} bytes`));
      });
      stream.once('error', (cause) => reject(cause instanceof AppError ? cause : damaged(cause)));
      stream.once('end', () => resolve(Buffer.concat(chunks)));
    });
  });
}

/** The index.html that lies highest; zips often hold one folder with the site in it. */
function findIndex(files: Map<string, Buffer>): string {
  const candidates = [...files.keys()].filter((name) => /(^|\/)index\.html?$/i.test(name));
  const [index] = candidates.sort((a, b) => a.split('/').length - b.split('/').length);
  if (index) return index;
  throw new AppError('invalid_input', 'Expected an index.html in the ZIP; it has none.', {
    param: 'file',
  });
}

function damaged(cause: unknown): AppError {
  return new AppError('corrupt_input', 'The ZIP is damaged or not allowed.', {
    param: 'file',
    cause,
  });
}

function refused(what: string): AppError {
  return new AppError('input_too_complex', `The ZIP holds ${what}.`, { param: 'file' });
}
