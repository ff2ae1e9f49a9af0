import type { Block, Table } from '../parse/model.ts';
import type { LayoutContext } from './layout-context.ts';
import { createPieces } from './pieces.ts';

/** Narrower than this no column gets. */
const minWidth = 6;

/**
 * The widths of a table's columns in points: those of its grid, brought to the width that the table
 * asks for and that the page has; without a grid, shares by content.
 */
export function columnWidths(table: Table, room: number, context: LayoutContext): number[] {
  const count = Math.max(
    1,
    ...table.rows.flatMap(({ cells }) => cells.map(({ column, columns }) => column + columns)),
  );
  const grid = table.columns.slice(0, count);
  const hasGrid = grid.length === count && grid.every((width) => width > 0);
  const widths = hasGrid ? grid : byContent(table, count, room, context);
  const total = sum(widths);
  const wanted = wantedWidth(table, room);
  const target = Math.min(wanted ?? total, Math.max(room, minWidth));
  // Word lets a table reach into the margin by the padding of its cells.
  if (wanted === undefined && total <= room + 12) return widths;
  return total > 0 ? widths.map((width) => (width * target) / total) : widths;
}

function wantedWidth({ width }: Table, room: number): number | undefined {
  if (!width) return undefined;
  if ('share' in width) return Math.min(1, width.share) * room;
  return width.points <= room + 12 ? width.points : room;
}

function byContent(table: Table, count: number, room: number, context: LayoutContext): number[] {
  const least = new Array<number>(count).fill(minWidth);
  const most = new Array<number>(count).fill(minWidth);
  for (const { cells } of table.rows.slice(0, 200))
    for (const cell of cells) {
      if (cell.columns !== 1) continue;
      const { longest, word } = measure(cell.blocks, context);
      const padding = cell.padding.left + cell.padding.right + 1;
      least[cell.column] = Math.max(least[cell.column] ?? 0, word + padding);
      most[cell.column] = Math.max(most[cell.column] ?? 0, longest + padding);
    }
  if (sum(most) <= room) return most;
  if (sum(least) >= room) return least.map((width) => (width * room) / sum(least));
  const spare = room - sum(least);
  const wish = sum(most) - sum(least);
  return least.map((width, index) => width + (((most[index] ?? 0) - width) * spare) / wish);
}

function measure(blocks: readonly Block[], context: LayoutContext) {
  let word = 0;
  let longest = 0;
  for (const block of blocks) {
    if (block.kind === 'table') {
      word = Math.max(word, 40);
      longest = Math.max(longest, sum(block.columns));
      continue;
    }
    let line = 0;
    for (const piece of createPieces(block, context)) {
      line = piece.kind === 'lineBreak' ? 0 : line + piece.width;
      longest = Math.max(longest, line);
      word = Math.max(word, piece.width);
    }
  }
  return { word, longest };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
