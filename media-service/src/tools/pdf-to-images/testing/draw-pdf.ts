import { deflateSync } from 'node:zlib';

/** A page as a test describes it: entries of its dictionary, and what it draws. */
export type TestPage = {
  /** Entries beside Type, Parent, Contents and Resources, e.g. `/Rotate 90`. */
  entries?: string;
  mediaBox?: readonly number[];
  /** Operators; black text and shapes unless they say otherwise. */
  content?: string;
  /** Entries of the resources beside the font F1. */
  resources?: string;
};

/** Operators that fill a rectangle: `fill([1, 0, 0], 10, 10, 80, 40)` is red. */
export function fill(
  [red, green, blue]: readonly [number, number, number],
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  return `${red} ${green} ${blue} rg ${x} ${y} ${width} ${height} re f`;
}

/** Operators that write one line of 24-point text. */
export function write(text: string, x: number, y: number): string {
  return `BT /F1 24 Tf 0 g ${x} ${y} Td (${text}) Tj ET`;
}

/**
 * A PDF with just what a test says, byte by byte known; objects beside the pages come from `extra`,
 * numbered from 100.
 */
export function drawPdf(
  pages: readonly TestPage[],
  { catalog = '', extra = {} }: { catalog?: string; extra?: Record<number, string | Buffer> } = {},
): Buffer {
  const objects = new Map<number, string | Buffer>();
  objects.set(1, `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`);
  const kids = pages.map((_, at) => `${10 + at * 2} 0 R`).join(' ');
  objects.set(2, `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  objects.set(3, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (const [at, page] of pages.entries()) {
    const { content = '', entries = '', mediaBox = [0, 0, 200, 100], resources = '' } = page;
    const id = 10 + at * 2;
    objects.set(
      id,
      `<< /Type /Page /Parent 2 0 R /MediaBox [${mediaBox.join(' ')}] /Contents ${id + 1} 0 R /Resources << /Font << /F1 3 0 R >> ${resources} >> ${entries} >>`,
    );
    objects.set(id + 1, streamObject(Buffer.from(content)));
  }
  for (const [id, object] of Object.entries(extra)) objects.set(Number(id), object);
  return assemble(objects);
}

/** An object with a compressed stream. */
export function streamObject(data: Buffer, entries = ''): Buffer {
  const packed = deflateSync(data);
  return Buffer.concat([
    Buffer.from(`<< /Length ${packed.length} /Filter /FlateDecode ${entries} >>\nstream\n`),
    packed,
    Buffer.from('\nendstream'),
  ]);
}

function assemble(objects: Map<number, string | Buffer>): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const places = new Map<number, number>();
  let length = parts[0]?.length ?? 0;
  const put = (part: Buffer) => {
    parts.push(part);
    length += part.length;
  };
  for (const [id, object] of objects) {
    places.set(id, length);
    put(
      Buffer.concat([Buffer.from(`${id} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]),
    );
  }
  const start = length;
  const size = Math.max(...objects.keys()) + 1;
  const lines = Array.from({ length: size }, (_, id) => {
    const place = places.get(id);
    return place === undefined
      ? `0000000000 ${id === 0 ? '65535' : '00000'} f \n`
      : `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  put(
    Buffer.from(
      `xref\n0 ${size}\n${lines.join('')}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}
