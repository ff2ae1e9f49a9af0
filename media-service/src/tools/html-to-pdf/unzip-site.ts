import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@nebula/contract/errors';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { shortageOf } from '../../jobs/shortage.ts';

/** The files of an unzipped site: where each path of the ZIP lies on disk, under a generated name. */
export type Site = {
  files: ReadonlyMap<string, string>;
  /** Path of its index.html. */
  index: string;
};

export const siteLimits = { entries: 2_000, bytes: 200 * 1024 * 1024, ratio: 100 } as const;

/** Small files may well shrink a hundredfold. */
const ratioFreeBytes = 1024 * 1024;

/**
 * Unzips a site into `dir`, under limits that are counted while it inflates.
 *
 * @throws AppError `corrupt_input` (damaged, a name that leads outside), `input_too_complex` (over a
 *   limit), `invalid_input` (no index.html)
 */
export async function unzipSite(
  path: string,
  { dir, signal }: { dir: string; signal: AbortSignal },
): Promise<Site> {
  const folder = join(dir, 'site');
  await mkdir(folder);
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch(rethrow);
  const files = new Map<string, string>();
  let bytes = 0;
  let entries = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted();
      entries += 1;
      expectPlain(entry, entries);
      if (entry.fileName.endsWith('/')) continue;
      const target = join(folder, String(entries));
      bytes += await inflate(zip, entry, target, siteLimits.bytes - bytes);
      files.set(entry.fileName, target);
    }
  } catch (error) {
    rethrow(error);
  } finally {
    zip.close();
  }
  return { files, index: findIndex([...files.keys()]) };
}

function expectPlain(entry: Entry, entries: number): void {
  const { compressedSize, externalFileAttributes, generalPurposeBitFlag, uncompressedSize } = entry;
  const isLink = ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;
  const isEncrypted = (generalPurposeBitFlag & 1) === 1;
  const isBomb =
    uncompressedSize > ratioFreeBytes &&
    uncompressedSize > siteLimits.ratio * Math.max(1, compressedSize);
  if (entries > siteLimits.entries) throw refused(`more than ${siteLimits.entries} entries`);
  if (isLink) throw refused('a symbolic link');
  if (isEncrypted) throw refused('an encrypted file');
  if (isBomb) throw refused(`a file that inflates more than ${siteLimits.ratio} times`);
}

async function inflate(
  zip: ZipFile,
  entry: Entry,
  target: string,
  roomBytes: number,
): Promise<number> {
  let size = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      done(size > roomBytes ? refused(`more than ${siteLimits.bytes} bytes`) : null, chunk);
    },
  });
  const content = await zip.openReadStreamPromise(entry);
  await pipeline(content, count, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
  return size;
}

/** The index.html that lies highest: a ZIP often holds one folder with the site in it. */
function findIndex(names: string[]): string {
  const depth = (name: string) => name.split('/').length;
  const [index] = names
    .filter((name) => /(^|\/)index\.html?$/i.test(name))
    .sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  if (index !== undefined) return index;
  throw new AppError('invalid_input', 'Expected an index.html in the ZIP; it has none.', {
    param: 'file',
  });
}

function refused(what: string): AppError {
  return new AppError('input_too_complex', `The ZIP holds ${what}.`, { param: 'file' });
}

function rethrow(error: unknown): never {
  if (error instanceof AppError) throw error;
  const short = shortageOf(error);
  if (short) throw short;
  const reason = error instanceof Error ? `: ${error.message.slice(0, 200)}` : '';
  throw new AppError('corrupt_input', `The ZIP cannot be used${reason}.`, {
    param: 'file',
    cause: error,
  });
}
