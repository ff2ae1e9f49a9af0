import { lengthToPoints } from '@nebula/contract/lengths';
import { pageLimits, paperSizes } from '@nebula/contract/tools/html-to-pdf';
import type { Page } from 'puppeteer';
import { emulateMedia } from './emulate-media.ts';
import { addRules, evaluateInPage } from './evaluate.ts';
import type { PdfJob, PdfOptions } from './run.ts';

/** All in inches, the unit of the printer. */
export type Paper = { width: number; height: number };
export type Margins = { top: number; right: number; bottom: number; left: number };

const maxInches = pageLimits.max / 72;
const pixelsPerInch = 96;

/** The sheet as it lies. */
export function paperOf({ height, landscape, page_size, width }: PdfOptions): Paper {
  const [wide, high] = width && height ? [width, height] : paperSizes[page_size];
  const paper = { width: inches(wide), height: inches(high) };
  return landscape ? { width: paper.height, height: paper.width } : paper;
}

/** The margins, widened to what header and footer need. */
export function marginsOf({ footer, header, margin }: PdfOptions): Margins {
  return {
    top: Math.max(inches(margin.top), header ? inches(header.height) : 0),
    right: inches(margin.right),
    bottom: Math.max(inches(margin.bottom), footer ? inches(footer.height) : 0),
    left: inches(margin.left),
  };
}

/**
 * The sheet that takes the whole document, measured at the width that it will be printed at; no
 * longer than readers open, with a warning. The page's own rules for paper are overruled.
 */
export async function fitPaper({ options, warn }: PdfJob, page: Page): Promise<Paper> {
  const { width } = paperOf(options);
  const { bottom, left, right, top } = marginsOf(options);
  const contentWidth = ((width - left - right) * pixelsPerInch) / options.scale;
  await emulateMedia(page, options);
  await addRules(page, ignoreBreaks);
  await page.setViewport({ width: Math.max(1, Math.floor(contentWidth)), height: 600 });
  const pixels = Number(await evaluateInPage(page, measureHeight));
  // A pixel more than it needs, because a rounded-off one would begin a second page.
  const height = ((pixels + 1) * options.scale) / pixelsPerInch + top + bottom;
  if (height > maxInches) {
    const message = `One page would be ${Math.round(height)}in long; it was broken into pages of ${maxInches}in.`;
    warn('size_reduced', message, { length_in: Math.round(height), limit_in: maxInches });
  }
  const paper = { width, height: Math.min(maxInches, Math.max(1, height)) };
  const margin = [top, right, bottom, left].map((side) => `${side}in`).join(' ');
  await addRules(
    page,
    `@page{size:${paper.width}in ${paper.height}in!important;margin:${margin}!important}`,
  );
  return paper;
}

const ignoreBreaks =
  '*,*::before,*::after{break-before:auto!important;break-after:auto!important;page:auto!important}';

const measureHeight =
  '(root => Math.max(root.scrollHeight, Math.ceil(root.getBoundingClientRect().height)))(document.documentElement)';

function inches(length: string): number {
  return lengthToPoints(length) / 72;
}
