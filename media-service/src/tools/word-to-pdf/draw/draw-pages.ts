import type { Op } from '../layout/fragments.ts';
import type { PdfFont, PictureFont } from '../layout/pdf-font.ts';
import { isShaped } from '../layout/scripts.ts';
import { drawPicture, type PictureStore } from './draw-picture.ts';
import type { OutlineItem, PdfDocument } from './pdf-writer.ts';

/** A page ready to be drawn; x and y of the ops are those of the page. */
export type DrawnPage = {
  width: number;
  height: number;
  ops: Op[];
  /** The number behind a field of the body. */
  fieldValue: (field: NonNullable<(Op & { type: 'text' })['field']>) => string;
};

/** Draws pages in order; a link to a place that is not in the document is left out. */
export async function drawPages(
  pdf: PdfDocument,
  pages: readonly DrawnPage[],
  pictures: PictureStore,
): Promise<void> {
  const anchors = new Set(
    pages.flatMap(({ ops }) => ops.flatMap((op) => (op.type === 'anchor' ? [op.name] : []))),
  );
  const outline = createOutline(pdf);
  const pictureFonts = new Set<PictureFont>();
  for (const page of pages) {
    pdf.addPage({ size: [page.width, page.height], margin: 0 });
    for (const op of page.ops)
      await drawOp(pdf, op, { page, anchors, outline, pictures, pictureFonts });
    // Pages that are done need no memory.
    pdf.flushPages();
  }
  for (const font of pictureFonts) await font.finish();
}

type Room = {
  page: DrawnPage;
  anchors: ReadonlySet<string>;
  outline: (title: string, level: number) => void;
  pictures: PictureStore;
  pictureFonts: Set<PictureFont>;
};

async function drawOp(pdf: PdfDocument, op: Op, room: Room): Promise<void> {
  switch (op.type) {
    case 'text':
      drawText(pdf, op.field ? { ...op, text: room.page.fieldValue(op.field) } : op, room);
      return;
    case 'rect':
      pdf.addContent(
        `${colorOf(op.color)} rg ${n(op.x)} ${n(op.y)} ${n(op.width)} ${n(op.height)} re f`,
      );
      return;
    case 'line':
      drawLine(pdf, op);
      return;
    case 'image':
      await drawPicture(pdf, op, room.pictures);
      return;
    case 'link':
      drawLink(pdf, op, room.anchors);
      return;
    case 'anchor':
      pdf.addNamedDestination(nameOf(op.name), 'XYZ', op.x, op.y, null);
      return;
    default:
      room.outline(op.title, op.level);
  }
}

function drawText(
  pdf: PdfDocument,
  op: Op & { type: 'text' },
  { pictureFonts }: Pick<Room, 'pictureFonts'>,
): void {
  const { color, face, size, spacing, text, x, y } = op;
  const { pdf: font } = face;
  if (text === '') return;
  pdf.page.fonts[font.id] ??= font.ref();
  // The page's axis points down, so the letters are turned up again; -0.25 is how far italics lean.
  const lean = face.isSlanted ? ' 0.25 -1 ' : ' 0 -1 ';
  const place = (left: number, top: number) => `1 0${lean}${n(left)} ${n(top)} Tm`;
  const head = `BT ${colorOf(color)} rg /${font.id} ${n(size)} Tf ${n(spacing)} Tc`;
  if ('finish' in font) pictureFonts.add(font);
  else if (!isShaped(text)) {
    pdf.addContent(`${head} ${place(x, y)} <${encodePlain(font, text)}> Tj ET`);
    return;
  }
  const [glyphs, positions] = font.encode(text);
  const scale = size / 1000;
  const parts = [head];
  let left = x;
  glyphs.forEach((glyph, index) => {
    const position = positions[index];
    if (!position) return;
    parts.push(
      `${place(left + position.xOffset * scale, y - position.yOffset * scale)} <${glyph}> Tj`,
    );
    left += position.xAdvance * scale + spacing;
  });
  pdf.addContent(`${parts.join(' ')} ET`);
}

/** The glyphs of characters that a font has drawn already. */
const drawn = new WeakMap<PdfFont, Map<string, string>>();

/** Word neither kerns nor joins letters unless it is told to: a character is a glyph. */
function encodePlain(font: PdfFont, text: string): string {
  const known = drawn.get(font) ?? new Map<string, string>();
  drawn.set(font, known);
  let hex = '';
  for (const char of text) {
    const glyph = known.get(char) ?? embedGlyph(font, char);
    known.set(char, glyph);
    hex += glyph;
  }
  return hex;
}

function embedGlyph(font: PdfFont, char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const glyph = font.font.glyphForCodePoint(code);
  const id = font.subset.includeGlyph(glyph.id);
  font.widths[id] ??= (glyph.advanceWidth / font.font.unitsPerEm) * 1000;
  font.unicode[id] ??= [code];
  return id.toString(16).padStart(4, '0');
}

const dashes = {
  dotted: (width: number) => [0, width * 2],
  dashed: (width: number) => [width * 4, width * 2],
};

function drawLine(pdf: PdfDocument, op: Op & { type: 'line' }): void {
  const { color, style, width, x1, x2, y1, y2 } = op;
  const pen = (thickness: number, dash: number[] = []) =>
    `${colorOf(color)} RG ${n(thickness)} w ${style === 'dotted' ? 1 : 0} J [${dash.map(n).join(' ')}] 0 d`;
  const path = (shift = 0) => {
    const isFlat = Math.abs(y1 - y2) < Math.abs(x1 - x2);
    const [dx, dy] = isFlat ? [0, shift] : [shift, 0];
    return `${n(x1 + dx)} ${n(y1 + dy)} m ${n(x2 + dx)} ${n(y2 + dy)} l S`;
  };
  if (style === 'double') {
    const thin = Math.max(0.35, width / 2);
    pdf.addContent(`${pen(thin)} ${path(-thin)} ${path(thin)}`);
  } else if (style === 'wavy') {
    pdf.addContent(`${pen(width)} ${wave(op)} S`);
  } else {
    const dash = style === 'single' ? [] : dashes[style](width);
    pdf.addContent(`${pen(width, dash)} ${path()}`);
  }
}

function wave({ x1, x2, y1 }: Op & { type: 'line' }): string {
  const step = 2;
  const points = [`${n(x1)} ${n(y1)} m`];
  for (let x = x1 + step, index = 1; x < x2 && index < 2_000; x += step, index++)
    points.push(`${n(x)} ${n(y1 + (index % 2 === 0 ? 0 : 1.2))} l`);
  return points.join(' ');
}

function drawLink(
  pdf: PdfDocument,
  { height, target, width, x, y }: Op & { type: 'link' },
  anchors: ReadonlySet<string>,
): void {
  if ('href' in target) pdf.link(x, y, width, height, target.href);
  else if (anchors.has(target.anchor)) pdf.goTo(x, y, width, height, nameOf(target.anchor));
}

/** Names of destinations are sorted bytes in a PDF; hexadecimal digits keep any name apart. */
function nameOf(anchor: string): string {
  return /^[\w.-]{1,64}$/.test(anchor)
    ? anchor
    : `x${Buffer.from(anchor).toString('hex').slice(0, 120)}`;
}

function createOutline(pdf: PdfDocument): (title: string, level: number) => void {
  const open: { level: number; item: OutlineItem }[] = [];
  return (title, level) => {
    while ((open.at(-1)?.level ?? 0) >= level) open.pop();
    const parent = open.at(-1)?.item ?? pdf.outline;
    open.push({ level, item: parent.addItem(title, { expanded: level < 2 }) });
  };
}

/** A number as PDF takes it: at most three digits behind the point. */
function n(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : '0';
}

function colorOf(hex: string): string {
  const channel = (at: number) => n(Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  return `${channel(1)} ${channel(3)} ${channel(5)}`;
}
