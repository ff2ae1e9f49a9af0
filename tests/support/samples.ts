import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';

/** A plain JPEG. */
export function jpeg(width = 64, height = 48): Promise<Buffer> {
  return plain(width, height).jpeg().toBuffer();
}

/** A plain PNG. */
export function png(width = 64, height = 48): Promise<Buffer> {
  return plain(width, height).png().toBuffer();
}

/** A JPEG of noise, which takes an encoder as long as an image can. */
export function noise(width: number, height: number): Promise<Buffer> {
  const raw = { width, height, channels: 3 as const };
  return sharp(randomBytes(width * height * 3), { raw })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** A small document of some pages. */
export function html(pages = 1): string {
  const page = (number: number) =>
    `<section style="break-after:page"><h1>Page ${number}</h1></section>`;
  const sections = Array.from({ length: pages }, (_, index) => page(index + 1)).join('');
  return `<!doctype html><title>Sample</title><style>section:last-child{break-after:auto!important}</style>${sections}`;
}

/** What `pdfinfo` says of a document; throws where it is not a PDF. */
export function pdfFacts(pdf: Buffer): { pages: number; title: string; size: string } {
  const told = spawnSync('pdfinfo', ['-'], { input: pdf });
  if (told.status !== 0) throw new Error(`pdfinfo: ${told.stderr}`);
  const fact = (name: string) =>
    new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(`${told.stdout}`)?.[1] ?? '';
  return { pages: Number(fact('Pages')), title: fact('Title'), size: fact('Page size') };
}

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#3366cc' } });

/** A part of a multipart body, file or field. */
export type FormPart = {
  name: string;
  filename?: string;
  type?: string;
  body: string | Uint8Array;
};

export const boundary = 'nebula-test-boundary';

/** A multipart body, byte by byte as a client would send it. */
export function multipart(parts: FormPart[], { isClosed = true } = {}): Buffer {
  const chunks = parts.flatMap(({ body, filename, name, type }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const mime = type ? `Content-Type: ${type}\r\n` : '';
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${mime}\r\n`;
    return [Buffer.from(head), Buffer.from(body), Buffer.from('\r\n')];
  });
  return Buffer.concat([...chunks, Buffer.from(isClosed ? `--${boundary}--\r\n` : '')]);
}

export const multipartType = `multipart/form-data; boundary=${boundary}`;
