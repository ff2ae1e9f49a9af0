import { appendFile } from 'node:fs/promises';
import { match, type Pdf, referenceOf, type Trailer, withPdf } from './open-pdf.ts';

/** Properties of a document; see the Info dictionary of the PDF standard. */
export type PdfInfo = Record<string, string>;

/**
 * The number of pages, as the catalogue has it; for files with a plain cross-reference table, which
 * Chromium and qpdf write, and their updates from here.
 */
export function countPages(path: string): Promise<number> {
  return withPdf(path, async (pdf) =>
    Number(match(await pdf.read(await findPages(pdf)), /\/Count (\d+)/)),
  );
}

/**
 * Gives a PDF other properties, by an update at its end: nothing else is read or written, however
 * large the file is.
 */
export async function setInfo(path: string, info: PdfInfo): Promise<void> {
  const trailer = await withPdf(path, async (pdf) => pdf.trailer);
  const number = sizeOf(trailer);
  const entries = Object.entries(info).map(([name, value]) => `/${name} ${value}`);
  await appendObjects(path, trailer, new Map([[number, `<<${entries.join('\n')}>>`]]), number);
}

export type PdfEdit = Pick<Pdf, 'read'> & {
  /**
   * Writes an object in the place of an old or a reserved one, or a new one, and answers its number;
   * what is new twice is written once.
   */
  put: (body: string, id?: number) => number;
  /** A number for an object that is still to come. */
  reserve: () => number;
};

/** Reads a document; `use` gets the numbers of its pages in order. As for `countPages`. */
export function readPages<T>(
  path: string,
  use: (pages: number[], read: Pdf['read']) => Promise<T>,
): Promise<T> {
  return withPdf(path, async (pdf) =>
    use(await listPages(await findPages(pdf), pdf.read), pdf.read),
  );
}

/**
 * Changes the objects of a document by an update at its end; `edit` gets the numbers of its pages in
 * order. As for `countPages`.
 */
export function editPages(
  path: string,
  edit: (pages: number[], objects: PdfEdit) => Promise<void>,
): Promise<void> {
  return withPdf(path, async (pdf) => {
    const { trailer } = pdf;
    const changed = new Map<number, string>();
    const numbers = new Map<string, number>();
    let next = sizeOf(trailer);
    const reserve = () => next++;
    const numberOf = (body: string) => {
      const number = numbers.get(body) ?? reserve();
      numbers.set(body, number);
      return number;
    };
    const read = async (id: number) => changed.get(id) ?? (await pdf.read(id));
    const put = (body: string, id = numberOf(body)) => {
      changed.set(id, body);
      return id;
    };
    await edit(await listPages(await findPages(pdf), pdf.read), { read, put, reserve });
    await appendObjects(path, trailer, changed, referenceOf(trailer.text, 'Info'));
  });
}

const findPages = async ({ read, trailer }: Pdf) =>
  referenceOf(await read(referenceOf(trailer.text, 'Root')), 'Pages');

async function listPages(root: number, read: Pdf['read']): Promise<number[]> {
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
  let size = sizeOf({ text });
  for (const [id, body] of objects) {
    const object = `${id} 0 obj\n${body}\nendobj\n`;
    parts.push(object);
    rows.push(`${id} 1\n${String(at).padStart(10, '0')} 00000 n \n`);
    at += object.length;
    size = Math.max(size, id + 1);
  }
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
