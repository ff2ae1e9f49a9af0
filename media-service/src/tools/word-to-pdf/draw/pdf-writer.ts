import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import PDFDocument from 'pdfkit';
import type { FontFile } from '../layout/font-files.ts';
import type { FontSource } from '../layout/fonts.ts';
import type { PdfFont } from '../layout/pdf-font.ts';
import type { DocumentInfo } from '../parse/model.ts';
import { createEmojiFonts } from './emoji-fonts.ts';

/** The parts of PDFKit that pages are written with. */
export type PdfDocument = PDFKit.PDFDocument & {
  _font: PdfFont;
  page: { fonts: Record<string, unknown>; xobjects: Record<string, unknown> };
  addContent: (content: string) => void;
  ref: (data: Record<string, unknown>) => PdfReference;
  outline: OutlineItem;
};

export type PdfReference = { data: Record<string, unknown>; end: (data?: Buffer) => void };

export type OutlineItem = {
  addItem: (title: string, options?: { expanded?: boolean }) => OutlineItem;
};

/** Of a clock in the output, two runs would differ. */
const pinnedDate = new Date('2000-01-01T00:00:00Z');

/** Starts a PDF; its dates are those of the document, and its id follows from them. */
export function createPdf(info: DocumentInfo): PdfDocument {
  const date = info.modified ?? pinnedDate;
  const texts = {
    Title: info.title,
    Author: info.author,
    Subject: info.subject,
    Keywords: info.keywords,
  };
  const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
  return new PDFDocument({
    autoFirstPage: false,
    compress: true,
    displayTitle: info.title !== undefined,
    info: { ...given, Creator: 'NebulaAPI', Producer: 'PDFKit', CreationDate: date, ModDate: date },
  }) as unknown as PdfDocument;
}

/** Embeds fonts into one PDF. */
export function fontsOf(pdf: PdfDocument): FontSource {
  return { open: (file) => openFont(pdf, file), emoji: createEmojiFonts(pdf) };
}

/** Opens a font by its path, which PDFKit keeps for the whole document. */
function openFont(pdf: PdfDocument, { face, path }: FontFile): PdfFont {
  if (face === undefined) pdf.font(path);
  else pdf.font(path, face);
  return pdf._font;
}

/** Writes a PDF to disk while `draw` makes it. */
export async function writePdf(
  pdf: PdfDocument,
  path: string,
  draw: () => Promise<void>,
): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const written = finished(file);
  // A failure may come while the pages are drawn; it is seen when they are.
  written.catch(() => {});
  pdf.pipe(file);
  try {
    await draw();
    pdf.end();
    await written;
  } catch (error) {
    file.destroy();
    throw error;
  }
}
