import { appendFile, type FileHandle, open } from 'node:fs/promises';

/** Properties of a document; see the Info dictionary of the PDF standard. */
export type PdfInfo = Record<string, string>;

type Trailer = { text: string; xrefAt: number };

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
  const { size } = await file.stat();
  const { text, xrefAt } = await readTrailer(file).finally(() => file.close());
  const number = Number(match(text, /\/Size (\d+)/));
  const entries = Object.entries(info).map(([name, value]) => `/${name} ${value}`);
  const object = `${number} 0 obj\n<<${entries.join('\n')}>>\nendobj\n`;
  const id = /\/ID\s*(\[[^\]]*\])/.exec(text)?.[0] ?? '';
  const root = `/Root ${referenceOf(text, 'Root')} 0 R`;
  const update = [
    object,
    `xref\n${number} 1\n${String(size + 1).padStart(10, '0')} 00000 n \n`,
    `trailer\n<</Size ${number + 1} ${root} /Info ${number} 0 R /Prev ${xrefAt} ${id}>>\n`,
    `startxref\n${size + 1 + object.length}\n%%EOF\n`,
  ];
  await appendFile(path, `\n${update.join('')}`, 'latin1');
}

/** Text as a PDF string: UTF-16, in hexadecimal digits. */
export function pdfText(text: string): string {
  return `<feff${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
}

async function readTrailer(file: FileHandle): Promise<Trailer> {
  const { size } = await file.stat();
  const tail = await readText(file, Math.max(0, size - tailBytes), tailBytes);
  const text = tail.slice(tail.lastIndexOf('trailer'));
  return { text, xrefAt: Number(match(text, /startxref\s+(\d+)/)) };
}

async function readObject(file: FileHandle, trailer: Trailer, number: number): Promise<string> {
  const start = await readText(file, trailer.xrefAt, 64);
  const head = match(start, /^(xref\s+0 \d+\s*?\r?\n)/);
  const row = await readText(file, trailer.xrefAt + head.length + number * 20, 20);
  const text = await readText(file, Number(match(row, /^(\d{10})/)), objectBytes);
  const end = text.indexOf('endobj');
  return end < 0 ? text : text.slice(0, end);
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
