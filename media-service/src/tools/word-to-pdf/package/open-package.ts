import { type FileHandle, open, readFile } from 'node:fs/promises';
import { AppError } from '@nebula/contract/errors';
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import { decryptPackage } from './decrypt-package.ts';
import { isCompoundFile, readCompoundFile } from './read-compound-file.ts';

/** The parts of a Word document, inflated when they are asked for. */
export type DocxPackage = {
  has: (name: string) => boolean;
  names: () => string[];
  /** Bytes of a part as the directory has it. */
  sizeOf: (name: string) => number;
  read: (name: string) => Promise<Buffer>;
  readText: (name: string) => Promise<string | undefined>;
  close: () => void;
};

export const packageLimits = { entries: 2_000, bytes: 200 * 1024 * 1024, ratio: 100 } as const;

/** Small parts may well shrink a hundredfold. */
const ratioFreeBytes = 1024 * 1024;

/**
 * Opens a document and checks its directory before anything is inflated.
 *
 * @throws AppError `corrupt_input` (damaged, a name that leads outside or comes twice),
 *   `input_too_complex` (over a limit), `unsupported_input` (no Word document), and what an
 *   encrypted one needs
 */
export async function openPackage(
  path: string,
  password: string | undefined,
): Promise<DocxPackage> {
  const zip = await openZip(path, password);
  try {
    const entries = await readEntries(zip);
    const inflated = new Map<string, number>();
    const read = async (name: string): Promise<Buffer> => {
      const key = keyOf(name);
      const entry = entries.get(key);
      if (!entry) throw refused('corrupt_input', `has no part ${name.slice(0, 100)}`);
      const others = [...inflated].reduce(
        (sum, [part, size]) => (part === key ? sum : sum + size),
        0,
      );
      const bytes = await inflate(zip, entry, packageLimits.bytes - others);
      inflated.set(key, bytes.length);
      return bytes;
    };
    return {
      has: (name) => entries.has(keyOf(name)),
      names: () => [...entries.values()].map(({ fileName }) => fileName),
      sizeOf: (name) => entries.get(keyOf(name))?.uncompressedSize ?? 0,
      read,
      readText: async (name) =>
        entries.has(keyOf(name)) ? decodeText(await read(name)) : undefined,
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function openZip(path: string, password: string | undefined): Promise<ZipFile> {
  const head = await readHead(path);
  const options = { lazyEntries: true, autoClose: false } as const;
  if (!isCompoundFile(head)) return openPromise(path, options).catch(rethrow);
  const file = readCompoundFile(await readFile(path));
  if (!file.names.includes('EncryptedPackage'))
    throw new AppError(
      'unsupported_input',
      'The file is a document of Word 97 to 2003 or of another old program; expected .docx.',
      { param: 'file' },
    );
  return fromBufferPromise(decryptPackage(file, password), options).catch(rethrow);
}

async function readHead(path: string): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file?.close();
  }
}

async function readEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let count = 0;
  if (zip.entryCount > packageLimits.entries) throw tooMany();
  try {
    for await (const entry of zip.eachEntry()) {
      count += 1;
      bytes += entry.uncompressedSize;
      if (count > packageLimits.entries) throw tooMany();
      if (bytes > packageLimits.bytes)
        throw refused('input_too_complex', `holds more than ${packageLimits.bytes} bytes`);
      expectPlain(entry);
      if (entries.has(keyOf(entry.fileName)))
        throw refused('corrupt_input', 'has two parts of the same name');
      if (!entry.fileName.endsWith('/')) entries.set(keyOf(entry.fileName), entry);
    }
  } catch (error) {
    rethrow(error);
  }
  expectApart([...entries.values()]);
  return entries;
}

function expectPlain(entry: Entry): void {
  const { compressedSize, externalFileAttributes, fileName, generalPurposeBitFlag } = entry;
  const size = entry.uncompressedSize;
  const isLink = ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;
  const isOutside =
    fileName.includes('\0') ||
    fileName.startsWith('/') ||
    fileName.includes('\\') ||
    fileName.split('/').includes('..');
  if (isOutside) throw refused('corrupt_input', 'has a part with a name that leads outside');
  if (isLink) throw refused('corrupt_input', 'has a symbolic link');
  if ((generalPurposeBitFlag & 1) === 1) throw refused('corrupt_input', 'has an encrypted part');
  if (size > ratioFreeBytes && size > packageLimits.ratio * Math.max(1, compressedSize))
    throw refused('input_too_complex', `inflates more than ${packageLimits.ratio} times`);
}

/** Parts that share bytes are how a small file inflates to a huge one. */
function expectApart(entries: Entry[]): void {
  const inOrder = entries.toSorted(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  );
  let end = 0;
  for (const entry of inOrder) {
    if (entry.relativeOffsetOfLocalHeader < end)
      throw refused('corrupt_input', 'has parts that overlap');
    end = entry.relativeOffsetOfLocalHeader + 30 + entry.compressedSize;
  }
}

async function inflate(zip: ZipFile, entry: Entry, roomBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      size += (chunk as Buffer).length;
      if (size > roomBytes)
        throw refused('input_too_complex', `inflates to more than ${packageLimits.bytes} bytes`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    rethrow(error);
  }
  return Buffer.concat(chunks, size);
}

/** Office writes UTF-8; UTF-16 is allowed. */
function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return bytes.toString('utf8');
}

/** Names of parts are equal whatever their case. */
function keyOf(name: string): string {
  return name.toLowerCase();
}

function tooMany(): AppError {
  return refused('input_too_complex', `holds more than ${packageLimits.entries} parts`);
}

function refused(code: 'corrupt_input' | 'input_too_complex', what: string): AppError {
  return new AppError(code, `The document ${what}.`, { param: 'file' });
}

function rethrow(error: unknown): never {
  if (error instanceof AppError) throw error;
  const reason = error instanceof Error ? `: ${error.message.slice(0, 200)}` : '';
  throw new AppError('corrupt_input', `The document cannot be unpacked${reason}.`, {
    param: 'file',
    cause: error,
  });
}
