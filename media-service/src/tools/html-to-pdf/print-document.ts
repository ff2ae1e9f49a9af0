import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { lengthToPoints } from '@nebula/contract/fields';
import type { Page, PaperFormat, PDFOptions } from 'puppeteer';
import { joinParts } from '../../engines/qpdf.ts';
import { createPdfPinner } from './pin-pdf.ts';
import type { PdfJob, PdfOptions } from './run.ts';

export type Printed = { path: string; pages: number };

/** The longest page that readers open, in inches. */
const maxPageInches = 200;

type Band = NonNullable<PdfOptions['header']>;
type Bands = { header: string; footer: string };

/** Prints the page; where headers differ from page to page, each kind apart, then joined. */
export async function printDocument(job: PdfJob, page: Page): Promise<Printed> {
  const { options } = job;
  const paper = await paperOf(job, page);
  const bands = { header: options.header?.html ?? '', footer: options.footer?.html ?? '' };
  const whole = await printPart(job, page, paper, bands);
  if (!variesByPage(options)) return whole;
  const runs = groupPages(options, whole.pages);
  if (runs.length < 2 && runs[0]?.key === bandKey(bands)) return whole;
  const parts: string[] = [];
  for (const run of runs) {
    const ranges = `${run.from}-${run.to}`;
    parts.push((await printPart(job, page, { ...paper, pageRanges: ranges }, run.bands)).path);
  }
  const path = job.outputPath('pdf');
  await joinParts(parts, path, job);
  return { path, pages: whole.pages };
}

async function printPart(
  job: PdfJob,
  page: Page,
  paper: PDFOptions,
  { footer, header }: Bands,
): Promise<Printed> {
  const { options } = job;
  const hasBands = options.header !== undefined || options.footer !== undefined;
  const stream = await page.createPDFStream({
    ...paper,
    scale: options.scale,
    printBackground: options.print_background,
    omitBackground: options.transparent,
    tagged: options.tagged,
    outline: options.outline,
    displayHeaderFooter: hasBands,
    ...(hasBands
      ? { headerTemplate: wrapBand(header, options), footerTemplate: wrapBand(footer, options) }
      : {}),
    waitForFonts: false,
    timeout: 0,
  });
  const path = job.outputPath('pdf');
  const pinner = createPdfPinner();
  await pipeline(Readable.fromWeb(stream as never), pinner.stream, createWriteStream(path));
  return { path, pages: pinner.pageCount() };
}

/** Chromium's bands start without size or margins; these match the text of the page. */
function wrapBand(html: string, { margin }: PdfOptions): string {
  const style = `box-sizing:border-box;width:100%;padding:0 ${toInches(margin.right)} 0 ${toInches(margin.left)};font:9px 'Liberation Sans',sans-serif;-webkit-print-color-adjust:exact`;
  return `<div style="${style}">${html}</div>`;
}

async function paperOf(job: PdfJob, page: Page): Promise<PDFOptions> {
  const { options } = job;
  const margin = {
    top: toInches(larger(options.margin.top, options.header?.height)),
    bottom: toInches(larger(options.margin.bottom, options.footer?.height)),
    left: toInches(options.margin.left),
    right: toInches(options.margin.right),
  };
  const size =
    options.width && options.height
      ? { width: toInches(options.width), height: toInches(options.height) }
      : { format: options.page_size.toLowerCase() as PaperFormat };
  const paper: PDFOptions = {
    ...size,
    margin,
    landscape: options.landscape,
    preferCSSPageSize: options.prefer_css_page_size,
  };
  if (!options.single_page) return paper;
  return { ...paper, ...(await onePage(job, page, paper)), landscape: false };
}

/** Measures the document at the width that it will be printed at. */
async function onePage(job: PdfJob, page: Page, paper: PDFOptions) {
  const { options } = job;
  const [wide, high] = paperInches(options);
  const width = options.landscape ? Math.max(wide, high) : wide;
  const inches = (side: 'top' | 'right' | 'bottom' | 'left') =>
    Number.parseFloat(String(paper.margin?.[side] ?? 0));
  const contentWidth = Math.floor(
    ((width - inches('left') - inches('right')) * 96) / options.scale,
  );
  await page.emulateMediaType(options.media);
  await page.setViewport({ width: Math.max(1, contentWidth), height: 600 });
  const pixels = Number(
    await page.evaluate(
      'Math.max(document.documentElement.scrollHeight, document.body ? document.body.scrollHeight : 0)',
    ),
  );
  const height = (pixels * options.scale) / 96 + inches('top') + inches('bottom') + 0.02;
  if (height > maxPageInches)
    job.warn(
      'size_reduced',
      `One page would be ${Math.round(height)} in long; ${maxPageInches} in is the limit.`,
    );
  return {
    format: undefined,
    width: `${width}in`,
    height: `${Math.min(maxPageInches, Math.max(1, height)).toFixed(4)}in`,
  };
}

const formatInches: Record<string, [number, number]> = {
  A0: [33.1102, 46.811],
  A1: [23.3858, 33.1102],
  A2: [16.5354, 23.3858],
  A3: [11.6929, 16.5354],
  A4: [8.2677, 11.6929],
  A5: [5.8268, 8.2677],
  A6: [4.1339, 5.8268],
  Letter: [8.5, 11],
  Legal: [8.5, 14],
  Tabloid: [11, 17],
  Ledger: [17, 11],
};

function paperInches({ height, page_size, width }: PdfOptions): [number, number] {
  if (width && height) return [lengthToPoints(width) / 72, lengthToPoints(height) / 72];
  return formatInches[page_size] ?? [8.2677, 11.6929];
}

const toInches = (length: string) => `${(lengthToPoints(length) / 72).toFixed(4)}in`;

function larger(margin: string, band: string | undefined): string {
  return band !== undefined && lengthToPoints(band) > lengthToPoints(margin) ? band : margin;
}

function variesByPage({ footer, header }: PdfOptions): boolean {
  const varies = (band?: Band) =>
    band !== undefined && (band.start_page > 1 || band.first_page_html !== undefined);
  return varies(header) || varies(footer);
}

type PageRun = { from: number; to: number; key: string; bands: Bands };

/** Neighbouring pages with the same header and footer, in order. */
function groupPages(options: PdfOptions, pageCount: number): PageRun[] {
  const runs: PageRun[] = [];
  for (let page = 1; page <= pageCount; page++) {
    const bands = { header: bandAt(options.header, page), footer: bandAt(options.footer, page) };
    const key = bandKey(bands);
    const last = runs.at(-1);
    if (last?.key === key) last.to = page;
    else runs.push({ from: page, to: page, key, bands });
  }
  return runs;
}

function bandAt(band: Band | undefined, page: number): string {
  if (!band) return '';
  if (page === 1 && band.first_page_html !== undefined) return band.first_page_html;
  return page < band.start_page ? '' : band.html;
}

const bandKey = ({ footer, header }: Bands) => JSON.stringify([header, footer]);
