import { appendFile, type FileHandle, open } from 'node:fs/promises';

/** Properties of a document; see the Info dictionary of the PDF standard. */
export type PdfInfo = Record<string, string>;

/** `bytes` is the length of the file. */
type Trailer = { bytes: number; text: string; xrefAt: number };

const tailBytes = 2_048;
const objectBytes = 65_536;

/**
 * The number of pages, as the catalogue has it; for files with a plain cross-reference table, which
 * Chromium and qpdf write.
 */
export async function countPages(path: string): Promise<number> {
  const file = await open(path);
  try {
    const trailer = await readTrailer(file);
    const catalogue = await readObject(file, trailer, referenceOf(trailer.text, 'Root'));
    const pages = await readObject(file, trailer, referenceOf(catalogue, 'Pages'));
    return Number(match(pages, /\/Count (\d+)/));
  } finally {
    await file.close();
  }
}

/**
 * Gives a PDF other properties, by an update at its end: nothing else is read or written, however
 * large the file is.
 */
export async function setInfo(path: string, info: PdfInfo): Promise<void> {
  const file = await open(path);
  const trailer = await readTrailer(file).finally(() => file.close());
  const number = sizeOf(trailer);
  const entries = Object.entries(info).map(([name, value]) => `/${name} ${value}`);
  await appendObjects(path, trailer, new Map([[number, `<<${entries.join('\n')}>>`]]), number);
}

/** Objects as text, without what stands around them. */
export type PdfEdit = {
  read: (id: number) => Promise<string>;
  /** Writes a new object, or one in the place of an old one, and answers its number. */
  put: (body: string, id?: number) => number;
};

/**
 * Changes the objects of a document by an update at its end; `edit` gets the numbers of its pages in
 * order. For files with a plain cross-reference table, as `countPages`.
 */
export async function editPages(
  path: string,
  edit: (pages: number[], objects: PdfEdit) => Promise<void>,
): Promise<void> {
  const file = await open(path);
  try {
    const trailer = await readTrailer(file);
    const changed = new Map<number, string>();
    const read = async (id: number) =>
      changed.get(id) ?? (await readObject(file, trailer, id)).replace(/^\s*\d+ 0 obj\s*/, '');
    const put = (body: string, id = sizeOf(trailer) + added++) => {
      changed.set(id, body);
      return id;
    };
    let added = 0;
    const catalogue = await read(referenceOf(trailer.text, 'Root'));
    await edit(await listPages(referenceOf(catalogue, 'Pages'), read), { read, put });
    const info = referenceOf(trailer.text, 'Info');
    await appendObjects(path, trailer, changed, info);
  } finally {
    await file.close();
  }
}

async function listPages(root: number, read: PdfEdit['read']): Promise<number[]> {
  const node = await read(root);
  if (!/\/Type\s*\/Pages\b/.test(node)) return [root];
  const kids = [...match(node, /\/Kids\s*\[([^\]]*)\]/).matchAll(/(\d+) 0 R/g)];
  const pages: number[] = [];
  for (const [, kid] of kids) pages.push(...(await listPages(Number(kid), read)));
  if (pages.length !== Number(match(node, /\/Count (\d+)/)))
    throw new Error('The PDF has another number of pages than it says.');
  return pages;
}

/** An update at the end of a file: the objects, where they lie, and what leads to those before. */
async function appendObjects(
  path: string,
  { bytes, text, xrefAt }: Trailer,
  objects: ReadonlyMap<number, string>,
  info: number,
): Promise<void> {
  const parts: string[] = [];
  const rows: string[] = [];
  let at = bytes + 1;
  for (const [id, body] of objects) {
    const object = `${id} 0 obj\n${body}\nendobj\n`;
    parts.push(object);
    rows.push(`${id} 1\n${String(at).padStart(10, '0')} 00000 n \n`);
    at += object.length;
  }
  const size = Math.max(sizeOf({ text }), ...[...objects.keys()].map((id) => id + 1));
  const id = /\/ID\s*(\[[^\]]*\])/.exec(text)?.[0] ?? '';
  const root = `/Root ${referenceOf(text, 'Root')} 0 R`;
  const update = [
    ...parts,
    `xref\n${rows.join('')}`,
    `trailer\n<</Size ${size} ${root} /Info ${info} 0 R /Prev ${xrefAt} ${id}>>\n`,
    `startxref\n${at}\n%%EOF\n`,
  ];
  await appendFile(path, `\n${update.join('')}`, 'latin1');
}

const sizeOf = ({ text }: Pick<Trailer, 'text'>) => Number(match(text, /\/Size (\d+)/));

/** Text as a PDF string: UTF-16, in hexadecimal digits. */
export function pdfText(text: string): string {
  return `<feff${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
}

async function readTrailer(file: FileHandle): Promise<Trailer> {
  const { size } = await file.stat();
  const tail = await readText(file, Math.max(0, size - tailBytes), tailBytes);
  const text = tail.slice(tail.lastIndexOf('trailer'));
  return { bytes: size, text, xrefAt: Number(match(text, /startxref\s+(\d+)/)) };
}

async function readObject(file: FileHandle, trailer: Trailer, number: number): Promise<string> {
  const start = await readText(file, trailer.xrefAt, 64);
  const head = match(start, /^(xref\s+0 \d+\s*?\r?\n)/);
  const row = await readText(file, trailer.xrefAt + head.length + number * 20, 20);
  for (let length = objectBytes; ; length *= 2) {
    const text = await readText(file, Number(match(row, /^(\d{10})/)), length);
    const end = text.indexOf('endobj');
    if (end >= 0) return text.slice(0, end);
    if (text.length < length) return text;
  }
}

function referenceOf(text: string, name: string): number {
  return Number(match(text, new RegExp(`/${name} (\\d+) 0 R`)));
}

async function readText(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('latin1', 0, bytesRead);
}

function match(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`The PDF lacks what ${pattern} describes.`);
  return found;
}
