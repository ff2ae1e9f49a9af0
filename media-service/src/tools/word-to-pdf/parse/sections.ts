import type { FidelityReport } from './fidelity.ts';
import { child, numberOf, propertyOf, switchOf, twips, type XmlNode } from './xml.ts';

/** Pages of one kind; lengths in points. */
export type Section = {
  width: number;
  height: number;
  margin: { top: number; right: number; bottom: number; left: number };
  /** Distances of header and footer from the edges of the paper. */
  headerDistance: number;
  footerDistance: number;
  start: 'nextPage' | 'continuous' | 'evenPage' | 'oddPage';
  hasTitlePage: boolean;
  firstNumber?: number;
  numberFormat: string;
  /** Relationships of headers and footers; a kind that is missing is that of the section before. */
  headers: Bands;
  footers: Bands;
  verticalAlign: string;
};

export type BandKind = 'default' | 'first' | 'even';

export type Bands = { [Kind in BandKind]?: string };

/** What Word takes where the document says nothing. */
const defaults = { width: 612, height: 792, margin: 72, band: 36 } as const;

const limits = { min: 36, max: 14_400 } as const;

export function readSection(
  node: XmlNode | undefined,
  previous: Section | undefined,
  report: FidelityReport,
): Section {
  const size = child(node, 'w:pgSz')?.attributes;
  const margin = child(node, 'w:pgMar')?.attributes;
  const numbers = child(node, 'w:pgNumType')?.attributes;
  if (node) countLost(node, report);
  const side = (name: string, fallback: number) => twips(margin?.[name]) ?? fallback;
  const start = propertyOf(node, 'w:type');
  const gutter = Math.max(0, side('w:gutter', 0));
  return {
    width: clampSide(twips(size?.['w:w']), defaults.width),
    height: clampSide(twips(size?.['w:h']), defaults.height),
    // A negative margin keeps the text where it is, however high the header grows.
    margin: {
      top: Math.abs(side('w:top', defaults.margin)),
      right: Math.max(0, side('w:right', defaults.margin)),
      bottom: Math.abs(side('w:bottom', defaults.margin)),
      left: Math.max(0, side('w:left', defaults.margin)) + gutter,
    },
    headerDistance: Math.max(0, side('w:header', defaults.band)),
    footerDistance: Math.max(0, side('w:footer', defaults.band)),
    start:
      start === 'continuous' || start === 'evenPage' || start === 'oddPage' ? start : 'nextPage',
    hasTitlePage: switchOf(node, 'w:titlePg') ?? false,
    firstNumber: numberOf(numbers?.['w:start']),
    numberFormat: numbers?.['w:fmt'] ?? 'decimal',
    headers: { ...previous?.headers, ...bandsOf(node, 'w:headerReference') },
    footers: { ...previous?.footers, ...bandsOf(node, 'w:footerReference') },
    verticalAlign: propertyOf(node, 'w:vAlign') ?? 'top',
  };
}

function clampSide(points: number | undefined, fallback: number): number {
  return points === undefined ? fallback : Math.max(limits.min, Math.min(limits.max, points));
}

function bandsOf(node: XmlNode | undefined, name: string): Bands {
  const bands: Bands = {};
  for (const each of node?.children ?? []) {
    const id = each.attributes['r:id'];
    const kind = each.attributes['w:type'] ?? 'default';
    if (each.name !== name || id === undefined) continue;
    if (kind === 'default' || kind === 'first' || kind === 'even') bands[kind] = id;
  }
  return bands;
}

function countLost(node: XmlNode, report: FidelityReport): void {
  const columns = child(node, 'w:cols');
  const count = numberOf(columns?.attributes['w:num']) ?? columns?.children.length ?? 1;
  if (count > 1) report.add('columns');
  if (child(node, 'w:pgBorders')?.children.length) report.add('page_border');
  if (child(node, 'w:lnNumType')) report.add('line_numbers');
  const direction = propertyOf(node, 'w:textDirection') ?? 'lrTb';
  if (!['lrTb', 'lr', 'tb'].includes(direction)) report.add('vertical_text');
}
