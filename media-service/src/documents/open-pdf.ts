import { type FileHandle, open } from 'node:fs/promises';

/** `bytes` is the length of the file. */
export type Trailer = { bytes: number; text: string; xrefAt: number };

/** A document that is open; objects come as text, without what stands around them. */
export type Pdf = { read: (id: number) => Promise<string>; trailer: Trailer };

const tailBytes = 2_048;
const chunkBytes = 65_536;

/** Opens a document for as long as it is in use. */
export async function withPdf<T>(path: string, use: (pdf: Pdf) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    const trailer = await readTrailer(file);
    const placeOf = await readTables(file, trailer.xrefAt);
    const read = async (id: number) => {
      const object = await readUntil(file, await placeOf(id), endOfObject);
      return object.replace(/^\s*\d+ 0 obj\s*/, '');
    };
    return await use({ read, trailer });
  } finally {
    await file.close();
  }
}

async function readTrailer(file: FileHandle): Promise<Trailer> {
  const { size } = await file.stat();
  const tail = await readText(file, Math.max(0, size - tailBytes), tailBytes);
  const text = tail.slice(tail.lastIndexOf('trailer'));
  return { bytes: size, text, xrefAt: Number(match(text, /startxref\s+(\d+)/)) };
}

/**
 * Finds out where objects lie. The tables of updates are read at once, the latest first; the first
 * table of all may be large, so that only the rows that are asked for are read.
 */
async function readTables(
  file: FileHandle,
  latest: number,
): Promise<(id: number) => Promise<number>> {
  const updated = new Map<number, number>();
  for (let at = latest; ; ) {
    const head = /^xref\s+0 \d+\s*?\r?\n/.exec(await readText(file, at, 64))?.[0];
    if (head !== undefined) {
      const rowsAt = at + head.length;
      const readRow = (id: number) => readText(file, rowsAt + id * 20, 20);
      return async (id) => updated.get(id) ?? Number(match(await readRow(id), /^(\d{10})/));
    }
    const table = await readUntil(file, at, (text) => text.indexOf('startxref'));
    for (const [, id, place] of table.matchAll(/(\d+) 1\n(\d{10}) 00000 n/g))
      if (!updated.has(Number(id))) updated.set(Number(id), Number(place));
    at = Number(match(table, /\/Prev (\d+)/));
  }
}

/** Strings are passed over, and so is a stream, which may hold any bytes. */
function endOfObject(text: string): number {
  const marks = /\((?:\\.|[^\\()])*(?:\)|$)|endobj|>>\s*stream\r?\n/gs;
  for (const { 0: mark, index } of text.matchAll(marks)) {
    if (mark === 'endobj') return index;
    if (!mark.startsWith('>>')) continue;
    const bytes = Number(match(text.slice(0, index), /\/Length (\d+)/));
    return text.indexOf('endobj', index + mark.length + bytes);
  }
  return -1;
}

/** The text from a place on to the end that is found in it, or to that of the file. */
async function readUntil(
  file: FileHandle,
  position: number,
  findEnd: (text: string) => number,
): Promise<string> {
  for (let length = chunkBytes; ; length *= 2) {
    const text = await readText(file, position, length);
    const end = findEnd(text);
    if (end >= 0) return text.slice(0, end);
    if (text.length < length) return text;
  }
}

/** The number of the object that an entry of this name leads to. */
export function referenceOf(text: string, name: string): number {
  return Number(match(text, new RegExp(`/${name} (\\d+) 0 R`)));
}

async function readText(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('latin1', 0, bytesRead);
}

/** The first group of a pattern that a sound PDF has. */
export function match(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`The PDF lacks what ${pattern} describes.`);
  return found;
}
