import { AppError } from '@nebula/contract/errors';

export type BoxName = 'crop' | 'media' | 'trim' | 'bleed' | 'art';

/** What a page says of itself; boxes are `[left, bottom, right, top]` in its own units. */
export type PageFacts = {
  page: number;
  boxes: Partial<Record<BoxName, Box>>;
  /** Clockwise quarter turns, 0–3. */
  turns: number;
  /** Points that one unit of the page has. */
  unit: number;
};

type Box = [left: number, bottom: number, right: number, top: number];

/** How a page is laid on a sheet: its upright size in points, and the way from page to sheet. */
export type Sheet = { width: number; height: number; matrix: readonly number[] };

/** The order in which the entries of a page come in a line of {@link readPageFacts}. */
export const pageEntries = [
  'MediaBox',
  'CropBox',
  'TrimBox',
  'BleedBox',
  'ArtBox',
  'Rotate',
  'UserUnit',
] as const;

const boxOrder = ['media', 'crop', 'trim', 'bleed', 'art'] as const;

/** Reads `3|[0 0 612 792]|-|-|-|-|90|1`; undefined for a page that could not be read. */
export function readPageFacts(line: string): PageFacts | undefined {
  const [page, ...fields] = line.split('|');
  if (fields.length < pageEntries.length) return undefined;
  const boxes: PageFacts['boxes'] = {};
  for (const [at, name] of boxOrder.entries()) {
    const box = readBox(fields[at] ?? '');
    if (box) boxes[name] = box;
  }
  const turns = Math.round(Number(fields[5]) / 90) || 0;
  const unit = Number(fields[6]);
  return {
    page: Number(page),
    boxes,
    turns: ((turns % 4) + 4) % 4,
    unit: Number.isFinite(unit) && unit > 0 ? unit : 1,
  };
}

function readBox(text: string): Box | undefined {
  const sides = text.replace(/[[\]]/g, '').trim().split(/\s+/).map(Number);
  const [x1, y1, x2, y2] = sides;
  if (sides.length !== 4 || x1 === undefined || x2 === undefined) return undefined;
  if (y1 === undefined || y2 === undefined || !sides.every(Number.isFinite)) return undefined;
  const box: Box = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  return box[2] - box[0] > 0 && box[3] - box[1] > 0 ? box : undefined;
}

/**
 * The sheet that shows one box of a page, turned as the page says. A box that is missing or lies
 * outside is the media box; one that reaches over its edge ends there.
 *
 * @throws AppError `corrupt_input` for a page without any usable box
 */
export function layOut({ boxes, page, turns, unit }: PageFacts, name: BoxName): Sheet {
  const media = boxes.media ?? boxes.crop;
  if (!media) throw new AppError('corrupt_input', `Page ${page} has no usable page box.`);
  // Where the asked box is missing, it is the crop box by the rules of PDF.
  const wanted = boxes[name] ?? (name === 'media' ? media : boxes.crop);
  const [left, bottom, right, top] = (wanted && intersect(wanted, media)) ?? media;
  const width = (right - left) * unit;
  const height = (top - bottom) * unit;
  const [l, b, r, t] = [left, bottom, right, top].map((side) => side * unit) as unknown as Box;
  const matrices = [
    [unit, 0, 0, unit, -l, -b],
    [0, -unit, unit, 0, -b, r],
    [-unit, 0, 0, -unit, r, t],
    [0, unit, -unit, 0, t, -l],
  ] as const;
  const matrix = matrices[turns] ?? matrices[0];
  return turns % 2 === 0 ? { width, height, matrix } : { width: height, height: width, matrix };
}

function intersect(box: Box, media: Box): Box | undefined {
  const common: Box = [
    Math.max(box[0], media[0]),
    Math.max(box[1], media[1]),
    Math.min(box[2], media[2]),
    Math.min(box[3], media[3]),
  ];
  return common[2] > common[0] && common[3] > common[1] ? common : undefined;
}
