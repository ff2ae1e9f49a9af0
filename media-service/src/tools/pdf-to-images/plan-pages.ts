import { AppError } from '@nebula/contract/errors';
import { maxPixels } from '@nebula/contract/limits';
import { defaultDpi } from '@nebula/contract/tools/pdf-to-images';
import { layOut, type PageFacts, type Sheet } from '../../engines/ghostscript/page-box.ts';
import type { PagesJob } from './run.ts';

/** One page as it will be rendered. */
export type PlannedPage = {
  page: number;
  sheet: Sheet;
  /** Pixels. */
  width: number;
  height: number;
  /** Dots per inch that were asked for, or that came of the size. */
  dpi: number;
};

/** The longest side that each format can hold. */
const maxSide = { png: 65_535, jpg: 65_500, webp: 16_383, avif: 16_384, tiff: 65_535 } as const;

/**
 * Finds the size of every page from its box, before anything is rendered.
 *
 * @throws AppError `input_too_many_pixels` for a page over the limit, unless it may be reduced
 */
export function planPages(job: PagesJob, facts: readonly PageFacts[]): PlannedPage[] {
  return facts.map((each) => {
    const sheet = layOut(each, job.options.box);
    const wanted = dpiFor(job, sheet);
    const size = pixels(sheet, wanted);
    const scale = scaleToLimit(size, maxSide[job.options.format]);
    if (scale === 1) return { page: each.page, sheet, dpi: wanted, ...size };
    const said = `Page ${each.page} would have ${size.width}x${size.height} pixels`;
    if (job.options.on_limit === 'error') {
      const side = maxSide[job.options.format];
      const limit = `at most ${maxPixels} pixels and ${side} on a side`;
      throw new AppError('input_too_many_pixels', `${said}; expected ${limit}.`, {
        param: job.options.dpi === undefined && job.options.width ? 'width' : 'dpi',
        extra: { page: each.page, limit_pixels: maxPixels },
      });
    }
    const dpi = wanted * scale;
    const reduced = pixels(sheet, dpi, Math.floor);
    job.warn('resolution_limited', `${said}; it has ${reduced.width}x${reduced.height}.`, {
      page: each.page,
      dpi: Math.round(dpi * 10) / 10,
    });
    return { page: each.page, sheet, dpi, ...reduced };
  });
}

function dpiFor({ options }: PagesJob, sheet: Sheet): number {
  const { dpi, height, width } = options;
  if (width === undefined && height === undefined) return dpi ?? defaultDpi;
  const across = (width ?? Number.POSITIVE_INFINITY) / sheet.width;
  const down = (height ?? Number.POSITIVE_INFINITY) / sheet.height;
  return Math.min(across, down) * 72;
}

function pixels(sheet: Sheet, dpi: number, round = Math.round) {
  const side = (points: number) => Math.max(1, round(Number(((points * dpi) / 72).toFixed(3))));
  return { width: side(sheet.width), height: side(sheet.height) };
}

/** 1 where a size is within the limits, else the factor for both sides. */
function scaleToLimit({ height, width }: { width: number; height: number }, side: number): number {
  return Math.min(1, Math.sqrt(maxPixels / (width * height)), side / width, side / height);
}
