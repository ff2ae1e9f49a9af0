import type { Border, ParagraphFormat } from '../parse/formats.ts';
import type { Paragraph } from '../parse/model.ts';
import { breakLines, type Line } from './break-lines.ts';
import { createFragment, type Fragment, type Op } from './fragments.ts';
import type { LayoutContext } from './layout-context.ts';
import { createPieces } from './pieces.ts';
import { placeLine } from './place-line.ts';

/** Whether the neighbours share a border or a space with the paragraph. */
export type Neighbours = {
  joinsAbove: boolean;
  joinsBelow: boolean;
  dropsBefore: boolean;
  dropsAfter: boolean;
};

/** The lines of a paragraph. */
export function layoutParagraph(
  paragraph: Paragraph,
  width: number,
  neighbours: Neighbours,
  context: LayoutContext,
): Fragment[] {
  const format = fitIndents(paragraph.format, width);
  const pieces = createPieces({ ...paragraph, format }, context);
  const lines = breakLines(pieces, format, width, context.defaultTab);
  const fragments: Fragment[] = [];
  let breaksPage = format.pageBreakBefore;
  lines.forEach((line, index) => {
    const { baseline, height } = measureLine(line, paragraph, context);
    const isBreakOnly = line.breaksPage && line.pieces.length === 1 && index === 0;
    const fragment = createFragment(isBreakOnly ? 0 : height);
    fragment.breakBefore = breaksPage;
    breaksPage = line.breaksPage;
    fragment.ops = placeLine(line, {
      align: format.align,
      baseline,
      isRightToLeft: format.isRightToLeft,
      width,
    });
    fragment.notes = line.pieces.flatMap(({ note }) => (note ? [note] : []));
    fragments.push(fragment);
  });
  decorate(fragments, format, width, neighbours);
  setKeeps(fragments, format);
  const first = fragments[0];
  const last = fragments.at(-1);
  if (first && last) {
    first.before = neighbours.dropsBefore ? 0 : format.spaceBefore;
    last.after = neighbours.dropsAfter ? 0 : format.spaceAfter;
    last.endsSection = paragraph.endsSection;
    addOutline(first, paragraph, context);
  }
  if (!breaksPage) return fragments;
  return [...fragments, { ...createFragment(0), breakBefore: true }];
}

/** Indents that leave no room for text are made smaller. */
function fitIndents(format: ParagraphFormat, width: number): ParagraphFormat {
  const room = width - format.indentLeft - format.indentRight;
  if (room >= 24) return format;
  const scale = Math.max(0, (width - 24) / Math.max(1, format.indentLeft + format.indentRight));
  return {
    ...format,
    indentLeft: format.indentLeft * Math.min(1, scale),
    indentRight: format.indentRight * Math.min(1, scale),
    firstLine: Math.max(format.firstLine, -Math.max(0, format.indentLeft)),
  };
}

function measureLine(line: Line, paragraph: Paragraph, { fonts }: LayoutContext) {
  const { characters, format } = paragraph;
  const visible = line.pieces.filter(({ kind }) => kind !== 'mark');
  const max = (of: (piece: Line['pieces'][number]) => number) =>
    visible.reduce((highest, piece) => Math.max(highest, of(piece)), 0);
  let ascent = max(({ ascent: own, rise }) => own + Math.max(0, rise * 0.5));
  let descent = max(({ descent: own, rise }) => own + Math.max(0, -rise * 0.5));
  let gap = max(({ lineGap }) => lineGap);
  if (visible.length === 0) {
    const face = fonts.primary(characters);
    ascent = face.ascent * characters.size;
    descent = face.descent * characters.size;
    gap = face.lineGap * characters.size;
  }
  const natural = ascent + descent + gap;
  const hasImage = visible.some(({ kind }) => kind === 'image');
  const { rule, value } = format.line;
  if (rule === 'exact') {
    const height = hasImage ? Math.max(value, natural) : value;
    return { height, baseline: height - descent - Math.max(0, (height - natural) / 2) };
  }
  const stretched = hasImage ? natural : natural * value;
  const height = rule === 'atLeast' ? Math.max(value, natural) : stretched;
  // What is left over goes above the text, as Word has it.
  return { height, baseline: height - descent - gap / 2 };
}

/** Backgrounds and borders, piece by piece for each line. */
function decorate(
  fragments: Fragment[],
  format: ParagraphFormat,
  width: number,
  { joinsAbove, joinsBelow }: Neighbours,
): void {
  const { background, borders } = format;
  const hasBorder = borders.top || borders.right || borders.bottom || borders.left;
  if (!background && !hasBorder) return;
  const left =
    Math.min(format.indentLeft, format.indentLeft + format.firstLine) - (borders.left ? 4 : 0);
  const right = width - format.indentRight + (borders.right ? 4 : 0);
  fragments.forEach((fragment, index) => {
    const isFirst = index === 0;
    const isLast = index === fragments.length - 1;
    const under: Op[] = [];
    if (background)
      under.push({
        type: 'rect',
        x: left,
        y: 0,
        width: right - left,
        height: fragment.height,
        color: background,
      });
    const over: Op[] = [];
    const rule = (border: Border | undefined, x1: number, y1: number, x2: number, y2: number) => {
      if (border) over.push({ type: 'line', x1, y1, x2, y2, ...border });
    };
    if (isFirst) rule(joinsAbove ? borders.between : borders.top, left, 0, right, 0);
    if (isLast && !joinsBelow) rule(borders.bottom, left, fragment.height, right, fragment.height);
    rule(borders.left, left, 0, left, fragment.height);
    rule(borders.right, right, 0, right, fragment.height);
    fragment.ops = [...under, ...fragment.ops, ...over];
  });
}

/** Two lines at least stay together at the foot and at the head of a page. */
function setKeeps(fragments: Fragment[], format: ParagraphFormat): void {
  const last = fragments.length - 1;
  fragments.forEach((fragment, index) => {
    if (index === last) fragment.keepNext = format.keepNext;
    else if (format.keepLines) fragment.keepNext = true;
    else if (format.widowControl) fragment.keepNext = index === 0 || index === last - 1;
  });
}

function addOutline(fragment: Fragment, paragraph: Paragraph, context: LayoutContext): void {
  if (!context.hasBookmarks || paragraph.heading === undefined) return;
  const mark = paragraph.list?.isOrdered ? `${paragraph.list.text} ` : '';
  const text = paragraph.inlines
    .map((inline) => (inline.kind === 'text' ? inline.text : inline.kind === 'tab' ? ' ' : ''))
    .join('')
    .trim();
  if (text === '') return;
  const title = `${mark}${text}`.slice(0, 500);
  fragment.ops.push({ type: 'outline', x: 0, y: 0, title, level: paragraph.heading });
}
