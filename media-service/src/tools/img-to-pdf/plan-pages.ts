import { lengthToPoints } from '@nebula/contract/lengths';
import { imagePageLimits, imagePaperSizes } from '@nebula/contract/tools/img-to-pdf';
import type { Frame } from './open-frames.ts';
import type { ImagesJob, ImagesOptions } from './run.ts';

/** Points from the left and the bottom edge of a page. */
export type Rect = { x: number; y: number; width: number; height: number };

/** A picture on a page. */
export type Placed = {
  frame: Frame;
  /** Clockwise quarter turns that were asked for. */
  turns: number;
  /** Where the whole upright picture would lie; it is cut at `clip`. */
  at: Rect;
  clip?: Rect;
  caption?: { text: string; at: Rect };
};

export type PlannedPage = { width: number; height: number; pictures: Placed[] };

/** Points of a pixel where nothing else is asked for: 96 pixels an inch. */
const pointsPerPixel = 0.75;
const captionSize = 10;
const captionLine = 13.5;
const maxCaptionLines = 4;

export { captionSize };

/** Lays the frames out: sizes of the pages, and the place of each picture. */
export function planPages(job: ImagesJob, frames: readonly Frame[]): PlannedPage[] {
  const { columns, rows } = gridOf(job.options.layout);
  const perPage = columns * rows;
  const pages: PlannedPage[] = [];
  for (let at = 0; at < frames.length; at += perPage) {
    const group = frames.slice(at, at + perPage);
    pages.push(planPage(job, group, { columns, rows }));
  }
  return pages;
}

type Grid = { columns: number; rows: number };

/** Upright; on a landscape page columns and rows of `per_page` change places. */
function gridOf(layout: ImagesOptions['layout']): Grid & { isFree: boolean } {
  const grids = { 1: [1, 1], 2: [1, 2], 4: [2, 2], 6: [2, 3], 9: [3, 3] } as const;
  const [columns, rows] = grids[layout?.per_page ?? 1];
  if (layout?.columns === undefined) return { columns, rows, isFree: false };
  return { columns: layout.columns, rows: layout.rows ?? 1, isFree: true };
}

function planPage(job: ImagesJob, frames: readonly Frame[], upright: Grid): PlannedPage {
  const { options } = job;
  const { gap, margin } = options;
  const page = paperFor(job, frames[0]);
  const isWide = page.width > page.height && options.layout?.columns === undefined;
  const columns = isWide ? upright.rows : upright.columns;
  const rows = isWide ? upright.columns : upright.rows;
  const width = (page.width - 2 * margin - (columns - 1) * gap) / columns;
  const height = (page.height - 2 * margin - (rows - 1) * gap) / rows;
  const pictures = frames.map((frame, index) => {
    const x = margin + (index % columns) * (width + gap);
    const row = Math.floor(index / columns);
    const y = page.height - margin - (row + 1) * height - row * gap;
    return place(options, frame, { x, y, width, height });
  });
  return { ...page, pictures };
}

function paperFor(job: ImagesJob, first: Frame | undefined): { width: number; height: number } {
  const { margin, orientation, page_height, page_size, page_width } = job.options;
  if (!first) throw new Error('a page without a picture');
  const sides = turnedSides(first, job.options);
  if (page_size === 'fit') return fitPaper(job, first, sides);
  const [width, height] =
    page_size === 'custom'
      ? [lengthToPoints(page_width ?? '0'), lengthToPoints(page_height ?? '0')]
      : imagePaperSizes[page_size];
  const isWide = orientation === 'auto' ? sides.width > sides.height : orientation === 'landscape';
  // A custom page lies as it was given, unless a turn is asked for.
  const isTurned =
    page_size === 'custom' && orientation === 'auto' ? false : isWide !== width > height;
  return isTurned && Math.min(width, height) > 2 * margin
    ? { width: height, height: width }
    : { width, height };
}

function fitPaper(
  { options, warn }: ImagesJob,
  { file, input }: Frame,
  sides: { width: number; height: number },
) {
  const { margin } = options;
  const below = captionHeight(options.images[input]?.caption, sides.width * pointsPerPixel);
  const { max, min } = imagePageLimits;
  const room = max - 2 * margin - below;
  const scale = Math.min(pointsPerPixel, (max - 2 * margin) / sides.width, room / sides.height);
  if (scale < pointsPerPixel)
    warn('size_reduced', `The page of ${file.filename} is as large as a PDF page can be.`);
  return {
    width: Math.max(min, sides.width * scale + 2 * margin),
    height: Math.max(min, sides.height * scale + 2 * margin + below),
  };
}

/** Upright sides in pixels, turned as the caller wants it. */
function turnedSides({ height, input, width }: Frame, { images }: ImagesOptions) {
  const isTurned = (images[input]?.rotate ?? 0) % 180 !== 0;
  return isTurned ? { width: height, height: width } : { width, height };
}

function captionHeight(caption: string | undefined, width: number): number {
  if (!caption) return 0;
  const perLine = Math.max(4, width / (captionSize * 0.55));
  const lines = Math.min(maxCaptionLines, Math.ceil(caption.length / perLine));
  return lines * captionLine + 4;
}

function place(options: ImagesOptions, frame: Frame, cell: Rect): Placed {
  const { caption, fit = options.fit, rotate = 0 } = options.images[frame.input] ?? {};
  const below = Math.min(cell.height / 2, captionHeight(caption, cell.width));
  const box = { ...cell, y: cell.y + below, height: cell.height - below };
  const sides = turnedSides(frame, options);
  const scale = {
    contain: Math.min(box.width / sides.width, box.height / sides.height),
    cover: Math.max(box.width / sides.width, box.height / sides.height),
    none: pointsPerPixel,
    stretch: 1,
  }[fit];
  const size =
    fit === 'stretch'
      ? { width: box.width, height: box.height }
      : { width: sides.width * scale, height: sides.height * scale };
  const { align } = options;
  const [left, up] = [share(align, 'west', 'east'), share(align, 'south', 'north')];
  const at = {
    x: box.x + (box.width - size.width) * left,
    y: box.y + (box.height - size.height) * up,
    ...size,
  };
  const isCut = size.width > box.width + 0.01 || size.height > box.height + 0.01;
  const captionAt = {
    x: cell.x,
    y: Math.max(cell.y, at.y - below),
    width: cell.width,
    height: below,
  };
  return {
    frame,
    turns: rotate / 90,
    at,
    ...(isCut ? { clip: box } : {}),
    ...(caption ? { caption: { text: caption, at: captionAt } } : {}),
  };
}

function share(align: string, low: string, high: string): number {
  if (align.includes(low)) return 0;
  return align.includes(high) ? 1 : 0.5;
}
