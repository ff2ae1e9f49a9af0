import type { Page, PDFOptions } from 'puppeteer';
import { type Stamp, stampPages } from '../../documents/stamp-pages.ts';
import { addRules } from './evaluate.ts';
import { marginsOf } from './paper.ts';
import type { PdfOptions } from './run.ts';

/** Header and footer of a page; empty for none. */
export type Bands = { header: string; footer: string };

/** Neighbouring pages of the output that carry the same header and footer. */
export type BandRun = Bands & {
  /** 1-based places in the output, both inclusive. */
  from: number;
  to: number;
};

type Band = NonNullable<PdfOptions['header']>;

/** What every page carries alike, or undefined where that differs from page to page. */
export function uniformBands({ footer, header }: PdfOptions): Bands | undefined {
  const varies = (band?: Band) =>
    band !== undefined && (band.start_page > 1 || band.first_page_html !== undefined);
  if (varies(header) || varies(footer)) return undefined;
  return { header: header?.html ?? '', footer: footer?.html ?? '' };
}

/** The runs of a document of which the pages `numbers` are kept. */
export function bandRuns({ footer, header }: PdfOptions, numbers: readonly number[]): BandRun[] {
  const runs: BandRun[] = [];
  for (const [index, number] of numbers.entries()) {
    const bands = { header: bandAt(header, number), footer: bandAt(footer, number) };
    const last = runs.at(-1);
    if (last && last.header === bands.header && last.footer === bands.footer) last.to = index + 1;
    else runs.push({ ...bands, from: index + 1, to: index + 1 });
  }
  return runs;
}

function bandAt(band: Band | undefined, page: number): string {
  if (!band) return '';
  if (page === 1 && band.first_page_html !== undefined) return band.first_page_html;
  return page < band.start_page ? '' : band.html;
}

/**
 * The printer's own header and footer, brought to the margins and the scale of the page: it would
 * show them at three quarters of their size.
 */
export function bandTemplates(options: PdfOptions, bands: Bands | undefined): PDFOptions {
  if (!bands || (bands.header === '' && bands.footer === '')) return {};
  return {
    displayHeaderFooter: true,
    headerTemplate: wrap(bands.header, options, 'header'),
    footerTemplate: wrap(bands.footer, options, 'footer'),
  };
}

function wrap(html: string, options: PdfOptions, kind: 'header' | 'footer'): string {
  const { bottom, left, right, top } = marginsOf(options);
  const height = kind === 'header' ? top : bottom;
  const style = [
    'box-sizing:border-box;width:100%;margin:0;overflow:hidden',
    `height:${height}in;padding:0 ${right}in 0 ${left}in`,
    "zoom:1.33333;font:10px/1.3 'Liberation Sans',Arial,sans-serif;color:#000",
    'display:flex;flex-direction:column;justify-content:center',
    '-webkit-print-color-adjust:exact;print-color-adjust:exact',
  ].join(';');
  return `<style>#${kind}{padding:0!important}</style><div style="${style}"><div>${html}</div></div>`;
}

/**
 * Lays header and footer over pages that were printed without: the same document is printed once
 * more with its content hidden, so that sheets and page numbers are the same, and tags, links and
 * bookmarks of the first print are kept.
 */
export async function stampBands(
  page: Page,
  {
    path,
    printStamp,
    runs,
  }: { path: string; runs: BandRun[]; printStamp: (bands: Bands) => Promise<string> },
): Promise<void> {
  const shown = runs.filter(({ footer, header }) => header !== '' || footer !== '');
  if (shown.length === 0) return;
  await addRules(page, hideContent);
  const stamps: Stamp[] = [];
  for (const run of shown) stamps.push({ ...run, path: await printStamp(run) });
  await stampPages(path, stamps);
}

/** The layout stays, because the page numbers depend on it. */
const hideContent =
  'html{opacity:0!important}html,body{background:none!important}' +
  '*,*::before,*::after,::backdrop{visibility:hidden!important}';
