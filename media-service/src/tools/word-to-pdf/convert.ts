import { AppError } from '@nebula/contract/errors';
import { lengthToPoints } from '@nebula/contract/lengths';
import type { InputFacts } from '@nebula/contract/run';
import type { WarningCode } from '@nebula/contract/warnings';
import { wordMinTextWidth, wordPaperSizes } from '@nebula/contract/word-paper';
import { selectPages } from '../../jobs/select-pages.ts';
import { type DrawnPage, drawPages } from './draw/draw-pages.ts';
import { createPdf, fontsOf, type PdfDocument, writePdf } from './draw/pdf-writer.ts';
import { createPictures } from './draw/pictures.ts';
import { effectiveOptions } from './effective-options.ts';
import { layoutPageBands } from './layout/bands.ts';
import { createFonts, type Fonts } from './layout/fonts.ts';
import { moveOps } from './layout/fragments.ts';
import type { LayoutContext } from './layout/layout-context.ts';
import { layoutDocument } from './layout/layout-document.ts';
import { layoutPageNumber } from './layout/page-numbers.ts';
import { maxPages, noteRule, type Page } from './layout/pages.ts';
import { type DocxPackage, openPackage } from './package/open-package.ts';
import { collectPictures } from './parse/collect-pictures.ts';
import { formatNumber } from './parse/format-number.ts';
import type { SectionParts, WordDocument } from './parse/model.ts';
import type { Warn } from './parse/read-context.ts';
import { readDocument, readPaper } from './parse/read-document.ts';
import { readStyleMap, type StyleMap } from './parse/style-map.ts';
import type { WordOptions } from './run.ts';

export type ConvertOptions = Omit<WordOptions, 'output' | 'strict' | 'timeout_seconds'>;

export type ConvertRequest = { input: string; output: string; options: ConvertOptions };

export type Converted = {
  pages: number;
  /** Of the first page, in points. */
  width: number;
  height: number;
  /** What the document is by itself; its pages are those of this layout. */
  input: InputFacts;
  warnings: { code: WarningCode; message: string; facts?: Record<string, unknown> }[];
  effective: Record<string, unknown>;
};

/** More than this of one kind tells nobody anything. */
const maxSameWarnings = 20;

/** Converts one document; runs in a process that ends with it. */
export async function convertDocument({
  input,
  options,
  output,
}: ConvertRequest): Promise<Converted> {
  const styleMap = readStyleMap(options.style_map);
  const file = await openPackage(input, options.password);
  try {
    return await convertPackage(file, { options, styleMap }, (pdf, draw) =>
      writePdf(pdf, output, draw),
    );
  } finally {
    file.close();
  }
}

export type LookRequest = Pick<ConvertRequest, 'input' | 'options'> & { look: true };

export type Looked = Pick<Converted, 'effective' | 'input'>;

/** Reads what paper a document is for, and refuses options that do not fit it. */
export async function lookAtDocument({ input, options }: LookRequest): Promise<Looked> {
  readStyleMap(options.style_map);
  const file = await openPackage(input, options.password);
  try {
    const document = { sections: await readPaper(file) };
    const own = sidesOf(document);
    setPaper(document, options);
    return { input: own, effective: effectiveOptions(options, document.sections[0]?.section) };
  } finally {
    file.close();
  }
}

/** Takes the PDF while it is drawn. */
export type Sink = (pdf: PdfDocument, draw: () => Promise<void>) => Promise<void>;

/** As `convertDocument`, for a package that is open. */
export async function convertPackage(
  file: DocxPackage,
  { options, styleMap }: { options: ConvertOptions; styleMap: StyleMap },
  sink: Sink,
): Promise<Converted> {
  const { warn, warnings } = createWarnings();
  const wishes = {
    styleMap,
    font: options.font_family,
    fontSize: options.font_size,
    lineHeight: options.line_height,
  };
  const { document, report } = await readDocument(file, wishes, warn);
  const own = sidesOf(document);
  setPaper(document, options);
  const pictures = createPictures(
    file,
    { quality: options.image_quality, maxDpi: options.image_max_dpi },
    { report, warn },
  );
  await pictures.readHeaders(collectPictures(document));
  const pdf = createPdf(document.info);
  const fonts = createFonts(fontsOf(pdf), warn);
  const context: LayoutContext = {
    fonts,
    defaultTab: document.defaultTab,
    pictureSize: pictures.size,
    hasBookmarks: options.bookmarks,
  };
  const drawn = finishPages(layout(document, context), document, context, options);
  const wanted = selectPages(options.pages, drawn.length);
  const chosen = wanted.map((number) => drawn[number - 1]).filter((page) => page !== undefined);
  await sink(pdf, () => drawPages(pdf, chosen, { pictures, stored: new Map() }));
  for (const { count, feature, text } of report.list())
    warn('not_converted', `Not converted: ${count} × ${text}.`, { feature, count });
  warnMissing(fonts, warn);
  return {
    pages: chosen.length,
    width: chosen[0]?.width ?? 0,
    height: chosen[0]?.height ?? 0,
    input: { pages: drawn.length, ...own },
    warnings,
    effective: effectiveOptions(options, document.sections[0]?.section),
  };
}

/** A list of warnings without doubles, and not too many of a kind. */
export function createWarnings(): { warnings: Converted['warnings']; warn: Warn } {
  const warnings: Converted['warnings'] = [];
  const warn: Warn = (code, message, facts) => {
    const same = warnings.filter((each) => each.code === code);
    const isKnown = same.some((each) => each.message === message);
    const limit = code === 'not_converted' ? Number.POSITIVE_INFINITY : maxSameWarnings;
    if (!isKnown && same.length < limit) warnings.push({ code, message, facts });
  };
  return { warnings, warn };
}

function layout(document: WordDocument, context: LayoutContext): Page[] {
  try {
    return layoutDocument(document, context);
  } catch (error) {
    if (!(error instanceof RangeError) || !error.message.includes('pages')) throw error;
    throw new AppError('input_too_complex', `The document has more than ${maxPages} pages.`, {
      extra: { max_pages: maxPages },
    });
  }
}

/** Headers, footers, notes and numbers, now that all pages are known. */
function finishPages(
  pages: readonly Page[],
  document: WordDocument,
  context: LayoutContext,
  options: ConvertOptions,
): DrawnPage[] {
  const perSection = new Map<SectionParts, number>();
  for (const { parts } of pages) perSection.set(parts, (perSection.get(parts) ?? 0) + 1);
  return pages.map((page, index) => {
    const { section } = page.parts;
    const sectionPages = perSection.get(page.parts) ?? 0;
    const bands = layoutPageBands(page, {
      context,
      document,
      pageCount: pages.length,
      sectionPages,
    });
    const placed = [...bands, ...page.items];
    const ops = placed.flatMap(({ fragment, x, y }) => moveOps(fragment.ops, x, y));
    ops.push(...notesOf(page));
    if (options.page_numbers !== 'none')
      ops.push(layoutPageNumber(String(index + 1), options.page_numbers, section, context));
    return {
      width: section.width,
      height: section.height,
      ops,
      fieldValue: (field) => {
        if (field === 'PAGE') return formatNumber(page.number, section.numberFormat);
        return String(field === 'NUMPAGES' ? pages.length : sectionPages);
      },
    };
  });
}

function notesOf(page: Page): DrawnPage['ops'] {
  if (page.notes.length === 0) return [];
  const height = page.notes.reduce((sum, note) => sum + note.height, 0);
  let y = page.bottom - height;
  const x = page.left;
  const rule = y - noteRule.height / 2;
  const ops: DrawnPage['ops'] = [
    {
      type: 'line',
      x1: x,
      x2: x + noteRule.width,
      y1: rule,
      y2: rule,
      width: 0.5,
      color: '#000000',
      style: 'single',
    },
  ];
  for (const note of page.notes) {
    ops.push(...moveOps(note.ops, x, y));
    y += note.height;
  }
  return ops;
}

type Papers = Pick<WordDocument, 'sections'>;

/** The first page in whole points, as the document has it. */
function sidesOf({ sections: [first] }: Papers): Pick<InputFacts, 'width' | 'height'> {
  if (!first) return {};
  const { height, width } = first.section;
  return { width: Math.round(width), height: Math.round(height) };
}

/** Paper and margins that the caller wants instead of those of the sections. */
function setPaper({ sections }: Papers, options: ConvertOptions): void {
  const { margin, orientation, page_size } = options;
  const points = (side: string | undefined) =>
    side === undefined ? undefined : lengthToPoints(side);
  for (const { section } of sections) {
    const isWide = section.width > section.height;
    if (page_size) {
      const [width, height] = wordPaperSizes[page_size];
      const sides = isWide && width < height && !orientation ? [height, width] : [width, height];
      section.width = sides[0] ?? width;
      section.height = sides[1] ?? height;
    }
    const turns = orientation && (orientation === 'landscape') !== section.width > section.height;
    if (turns) [section.width, section.height] = [section.height, section.width];
    section.margin = {
      top: points(margin?.top) ?? section.margin.top,
      right: points(margin?.right) ?? section.margin.right,
      bottom: points(margin?.bottom) ?? section.margin.bottom,
      left: points(margin?.left) ?? section.margin.left,
    };
    expectRoom(section, margin !== undefined);
  }
}

/** Margins of the caller must fit; those of a damaged document are made to. */
function expectRoom(section: SectionParts['section'], isAsked: boolean): void {
  const { height, margin, width } = section;
  const fits =
    width - margin.left - margin.right >= wordMinTextWidth &&
    height - margin.top - margin.bottom >= wordMinTextWidth;
  if (fits) return;
  if (isAsked)
    throw new AppError(
      'invalid_input',
      `Expected margins to leave at least 0.5in of a page of ${Math.round(width)} x ${Math.round(height)} points.`,
      { param: 'margin' },
    );
  section.margin = { top: height / 10, right: width / 10, bottom: height / 10, left: width / 10 };
}

export function warnMissing(
  { missing }: Fonts,
  warn: (code: WarningCode, message: string, facts: Record<string, unknown>) => void,
): void {
  if (missing.size === 0) return;
  const codes = [...missing.keys()].slice(0, 20);
  const names = codes.map((code) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`);
  warn('missing_glyphs', `No font has the characters ${names.join(', ')}; they were left out.`, {
    characters: names,
    count: missing.size,
  });
}
