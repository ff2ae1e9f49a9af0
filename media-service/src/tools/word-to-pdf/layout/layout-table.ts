import type { Border } from '../parse/formats.ts';
import type { Block, Cell, Row, Table } from '../parse/model.ts';
import { columnWidths } from './column-widths.ts';
import { createFragment, type Fragment, moveOps, type Op, stackHeight } from './fragments.ts';
import type { LayoutContext } from './layout-context.ts';

/** Lays out the blocks of a cell. */
export type LayoutCell = (
  blocks: readonly Block[],
  width: number,
  context: LayoutContext,
) => Fragment[];

/** A cell with its content laid out; `left` counts from the left of the table. */
type Part = { cell: Cell; left: number; width: number; content: Fragment[]; needed: number };

/** The rows of a table; rows at its head are shown again on each page. */
export function layoutTable(
  table: Table,
  width: number,
  context: LayoutContext,
  layoutCell: LayoutCell,
): Fragment[] {
  const widths = columnWidths(table, width, context);
  const total = widths.reduce((sum, each) => sum + each, 0);
  const left = leftOf(table, total, width);
  const rows = table.rows.map((row) =>
    row.cells.map((cell) =>
      layoutPart(cell, widths, total, table.isRightToLeft, context, layoutCell),
    ),
  );
  const heights = rowHeights(table.rows, rows);
  const headers = table.rows.findIndex(({ isHeader }) => !isHeader);
  const headerCount = headers < 0 ? 0 : headers;
  const fragments: Fragment[] = [];
  table.rows.forEach((row, index) => {
    const fragment = createRow(row, rows[index] ?? [], heights, index, left);
    fragment.keepNext = index < headerCount || opensSpan(row, heights, index);
    if (index >= headerCount && headerCount > 0)
      fragment.repeated = fragments.slice(0, headerCount);
    fragments.push(fragment);
  });
  return fragments;
}

function layoutPart(
  cell: Cell,
  widths: readonly number[],
  total: number,
  isRightToLeft: boolean,
  context: LayoutContext,
  layoutCell: LayoutCell,
): Part {
  const sum = (from: number, to: number) =>
    widths.slice(from, to).reduce((all, each) => all + each, 0);
  const width = sum(cell.column, cell.column + cell.columns);
  const start = sum(0, cell.column);
  const { bottom, left, right, top } = cell.padding;
  const content = cell.isContinued
    ? []
    : layoutCell(cell.blocks, Math.max(4, width - left - right), context);
  return {
    cell,
    left: isRightToLeft ? total - start - width : start,
    width,
    content,
    needed:
      top +
      bottom +
      stackHeight(content) +
      (content[0]?.before ?? 0) +
      (content.at(-1)?.after ?? 0),
  };
}

function leftOf({ align, indent, isRightToLeft }: Table, total: number, width: number): number {
  if (align === 'center') return (width - total) / 2;
  const atEnd = isRightToLeft ? align === 'left' : align === 'right';
  if (atEnd) return width - total;
  return total + indent > width + 12 ? Math.max(0, width - total) / 2 : indent;
}

/** A row is as high as its highest cell; what a cell over several rows lacks goes to its last row. */
function rowHeights(rows: readonly Row[], parts: readonly Part[][]): number[] {
  const heights = rows.map((row, index) => {
    const needed = (parts[index] ?? [])
      .filter(({ cell }) => cell.rows === 1 && !cell.isContinued)
      .reduce((highest, part) => Math.max(highest, part.needed), 0);
    const asked = row.height?.value ?? 0;
    return row.height?.isExact ? asked : Math.max(asked, needed, 4);
  });
  parts.forEach((row, index) => {
    for (const { cell, needed } of row) {
      if (cell.rows < 2) continue;
      const last = Math.min(heights.length, index + cell.rows) - 1;
      const have = heights.slice(index, last + 1).reduce((sum, each) => sum + each, 0);
      if (needed > have) heights[last] = (heights[last] ?? 0) + needed - have;
    }
  });
  return heights;
}

/** Rows under a cell that spans them stay together where a page can hold them. */
function opensSpan(row: Row, heights: readonly number[], index: number): boolean {
  const isOpen = row.cells.some(({ rows }) => rows > 1 && index + rows <= heights.length);
  const continues = row.cells.some(({ isContinued }) => isContinued);
  return (
    isOpen || (continues && row.cells.some(({ isContinued, rows }) => isContinued && rows > 1))
  );
}

function createRow(
  row: Row,
  parts: readonly Part[],
  heights: readonly number[],
  index: number,
  left: number,
): Fragment {
  const height = heights[index] ?? 0;
  const fragment = createFragment(height, drawRow(parts, heights, index, left));
  fragment.notes = parts.flatMap(({ content }) => content.flatMap(({ notes }) => notes));
  const canSplit =
    !row.cannotSplit && !row.height?.isExact && parts.every(({ cell }) => cell.rows === 1);
  if (canSplit) fragment.split = (room) => splitRow(row, parts, left, room);
  return fragment;
}

function drawRow(
  parts: readonly Part[],
  heights: readonly number[],
  index: number,
  left: number,
): Op[] {
  const backgrounds: Op[] = [];
  const contents: Op[] = [];
  const borders: Op[] = [];
  const height = heights[index] ?? 0;
  for (const part of parts) {
    const { cell, content, width } = part;
    const x = left + part.left;
    if (cell.background)
      backgrounds.push({ type: 'rect', x, y: 0, width, height, color: cell.background });
    const whole = heights.slice(index, index + cell.rows).reduce((sum, each) => sum + each, 0);
    const free = Math.max(0, whole - part.needed);
    const shift =
      cell.verticalAlign === 'center' ? free / 2 : cell.verticalAlign === 'bottom' ? free : 0;
    let y = cell.padding.top + shift;
    content.forEach((fragment, at) => {
      y += fragment.before + (content[at - 1]?.after ?? 0);
      contents.push(...moveOps(fragment.ops, x + cell.padding.left, y));
      y += fragment.height;
    });
    borders.push(...drawBorders(cell, x, width, height));
  }
  return [...backgrounds, ...contents, ...borders];
}

function drawBorders(cell: Cell, x: number, width: number, height: number): Op[] {
  const ops: Op[] = [];
  const rule = (border: Border | undefined, x1: number, y1: number, x2: number, y2: number) => {
    if (border) ops.push({ type: 'line', x1, y1, x2, y2, ...border });
  };
  const { bottom, left, right, top } = cell.borders;
  // Lines are drawn a little longer, so that corners close.
  const half = (border: Border | undefined) => (border?.width ?? 0) / 2;
  if (!cell.isContinued) rule(top, x - half(left), 0, x + width + half(right), 0);
  if (cell.rows === 1) rule(bottom, x - half(left), height, x + width + half(right), height);
  rule(left, x, 0, x, height);
  rule(right, x + width, 0, x + width, height);
  return ops;
}

/** Cuts a row between the lines of its cells. */
function splitRow(
  row: Row,
  parts: readonly Part[],
  left: number,
  room: number,
): [Fragment, Fragment] | undefined {
  const cut = parts.map((part) => splitContent(part, room));
  const isMoved = cut.some(({ head }) => head.content.length > 0);
  const isRest = cut.some(({ tail }) => tail.content.length > 0);
  if (!isMoved || !isRest) return undefined;
  const make = (pieces: Part[]) => {
    const needed = Math.max(4, ...pieces.map((piece) => piece.needed));
    return createRow({ ...row, height: undefined }, pieces, [needed], 0, left);
  };
  const head = make(cut.map((each) => each.head));
  if (head.height > room) return undefined;
  return [head, make(cut.map((each) => each.tail))];
}

function splitContent(part: Part, room: number): { head: Part; tail: Part } {
  const { bottom, top } = part.cell.padding;
  const free = room - top - bottom;
  const head: Fragment[] = [];
  const tail: Fragment[] = [];
  let used = 0;
  for (const [index, fragment] of part.content.entries()) {
    const gap = fragment.before + (part.content[index - 1]?.after ?? 0);
    if (tail.length > 0) {
      tail.push(fragment);
    } else if (used + gap + fragment.height <= free) {
      head.push(fragment);
      used += gap + fragment.height;
    } else {
      const halves = fragment.split?.(free - used - gap);
      if (halves) {
        head.push(halves[0]);
        used += gap + halves[0].height;
      }
      tail.push({ ...(halves?.[1] ?? fragment), before: 0 });
    }
  }
  const resize = (content: Fragment[]): Part => ({
    ...part,
    content,
    needed: top + bottom + stackHeight(content) + (content[0]?.before ?? 0),
  });
  return { head: resize(head), tail: resize(tail) };
}
