import type { Align, CharacterFormat } from '../parse/formats.ts';
import type { Line } from './break-lines.ts';
import type { Op } from './fragments.ts';
import type { Piece } from './pieces.ts';

type Placed = { piece: Piece; x: number; width: number };

/**
 * What a line draws, from the left of the column; `baseline` counts from the top of the line.
 */
export function placeLine(
  line: Line,
  {
    align,
    baseline,
    isRightToLeft,
    width,
  }: { align: Align; baseline: number; isRightToLeft: boolean; width: number },
): Op[] {
  const placed = arrange(line, align, isRightToLeft, width);
  const ops: Op[] = [];
  addBackgrounds(ops, placed, baseline);
  addTexts(ops, placed, baseline);
  for (const { piece, width: own, x } of placed) {
    if (piece.picture && piece.height !== undefined)
      ops.push({
        type: 'image',
        x,
        y: baseline - piece.height,
        width: own,
        height: piece.height,
        picture: piece.picture,
      });
    if (piece.anchor)
      ops.push({ type: 'anchor', x, y: Math.max(0, baseline - 12), name: piece.anchor });
    const leader = line.leaders.get(piece);
    if (leader) addLeader(ops, piece, { x, width: own, baseline, leader });
  }
  addRules(ops, placed, baseline);
  addLinks(ops, placed, baseline);
  return ops;
}

/** Gives every piece its place: the order of reading becomes the order on paper. */
function arrange(line: Line, align: Align, isRightToLeft: boolean, width: number): Placed[] {
  const pieces = trimEnd(line.pieces);
  const used = pieces.reduce((sum, piece) => sum + piece.width, 0);
  const free = Math.max(0, line.room - used);
  const stretch = align === 'justify' && !line.isLast ? stretchOf(pieces, free) : undefined;
  const left = isRightToLeft ? width - line.indent - line.room : line.indent;
  const atEnd = isRightToLeft ? align === 'left' || align === 'justify' : align === 'right';
  let x = left;
  if (align === 'center') x += free / 2;
  else if (atEnd && !stretch) x += free;
  const visual = reorder(pieces, isRightToLeft ? 1 : 0);
  const placed: Placed[] = [];
  for (const piece of visual) {
    const own = piece.width + (stretch?.get(piece) ?? 0);
    placed.push({ piece, x, width: own });
    x += own;
  }
  return placed;
}

function trimEnd(pieces: readonly Piece[]): Piece[] {
  let end = pieces.length;
  const isEmpty = (piece: Piece | undefined) =>
    piece !== undefined && ['space', 'lineBreak', 'pageBreak'].includes(piece.kind);
  while (end > 0 && isEmpty(pieces[end - 1])) end -= 1;
  const kept = pieces.slice(0, end);
  const last = kept.at(-1);
  if (!last?.isSoftHyphen || !last.face || end === pieces.length - 1) return kept;
  const width = last.width + last.face.widthOf('-') * last.size;
  return [...kept.slice(0, -1), { ...last, text: `${last.text}-`, width }];
}

/** Free room goes to the spaces behind the last tab, or between the characters of East Asian text. */
function stretchOf(pieces: readonly Piece[], free: number): Map<Piece, number> | undefined {
  const from = pieces.findLastIndex(({ kind }) => kind === 'tab') + 1;
  const spaces = pieces.filter(({ kind }, index) => index >= from && kind === 'space');
  const gaps =
    spaces.length > 0
      ? spaces
      : pieces.filter(
          ({ canBreak }, index) => index >= from && canBreak && index < pieces.length - 1,
        );
  if (gaps.length === 0) return undefined;
  return new Map(gaps.map((piece) => [piece, free / gaps.length]));
}

/** Rule L2 of the Unicode algorithm: runs are reversed from the highest level downwards. */
function reorder(pieces: readonly Piece[], base: number): Piece[] {
  const order = [...pieces];
  const levels = order.map(({ kind, level }, index) =>
    kind === 'space' && index === order.length - 1 ? base : level,
  );
  const highest = Math.max(base, ...levels);
  for (let level = highest; level >= 1; level--) {
    for (let start = 0; start < order.length; start++) {
      if ((levels[start] ?? 0) < level) continue;
      let end = start;
      while (end + 1 < order.length && (levels[end + 1] ?? 0) >= level) end += 1;
      order.splice(start, end - start + 1, ...order.slice(start, end + 1).reverse());
      levels.splice(start, end - start + 1, ...levels.slice(start, end + 1).reverse());
      start = end;
    }
  }
  return order;
}

/** Neighbours that look alike become one text, which keeps the file small and the words whole. */
function addTexts(ops: Op[], placed: readonly Placed[], baseline: number): void {
  let current: (Op & { type: 'text' }) | undefined;
  let end = 0;
  let format: CharacterFormat | undefined;
  for (const { piece, width, x } of placed) {
    if (piece.kind === 'mark') continue;
    const { face, format: own, kind } = piece;
    if (!face || !own || (kind !== 'text' && kind !== 'space')) {
      current = undefined;
      continue;
    }
    const y = baseline - piece.rise;
    const isStretched = width - piece.width > 0.001;
    const continues =
      current !== undefined &&
      current.face === face &&
      current.size === piece.size &&
      current.y === y &&
      format !== undefined &&
      format.color === own.color &&
      format.spacing === own.spacing &&
      piece.level % 2 === 0 &&
      !piece.field &&
      !current.field &&
      Math.abs(end - x) < 0.001;
    if (current && continues) current.text += piece.text;
    else {
      current = {
        type: 'text',
        x,
        y,
        text: piece.text,
        face,
        size: piece.size,
        color: own.color,
        spacing: own.spacing,
        field: piece.field,
      };
      ops.push(current);
    }
    format = own;
    end = x + piece.width;
    if (isStretched || piece.level % 2 === 1) current = undefined;
  }
}

function addBackgrounds(ops: Op[], placed: readonly Placed[], baseline: number): void {
  for (const { ascent, color, descent, width, x } of spans(
    placed,
    ({ format }) => format?.background,
  ))
    ops.push({ type: 'rect', x, y: baseline - ascent, width, height: ascent + descent, color });
}

/** Lines under and through text. */
function addRules(ops: Op[], placed: readonly Placed[], baseline: number): void {
  const underlined = ({ format }: Piece) =>
    format && format.underline !== 'none' ? `${format.underline} ${format.color}` : undefined;
  for (const { color: key, size, width, x } of spans(placed, underlined)) {
    const [kind, color = '#000000'] = key.split(' ');
    const thickness = Math.max(0.5, size / 18) * (kind === 'thick' ? 2 : 1);
    const style =
      kind === 'double' || kind === 'dotted' || kind === 'dashed' || kind === 'wavy'
        ? kind
        : 'single';
    const y = baseline + size * 0.12;
    ops.push({ type: 'line', x1: x, x2: x + width, y1: y, y2: y, width: thickness, color, style });
  }
  const struck = ({ format }: Piece) => (format?.isStruck ? format.color : undefined);
  for (const { color, rise, size, width, x } of spans(placed, struck)) {
    const y = baseline - rise - size * 0.28;
    const thickness = Math.max(0.5, size / 18);
    ops.push({
      type: 'line',
      x1: x,
      x2: x + width,
      y1: y,
      y2: y,
      width: thickness,
      color,
      style: 'single',
    });
  }
}

type Span = {
  x: number;
  width: number;
  color: string;
  ascent: number;
  descent: number;
  size: number;
  rise: number;
};

/** Neighbours with the same key, as one stretch. */
function spans(placed: readonly Placed[], keyOf: (piece: Piece) => string | undefined): Span[] {
  const found: Span[] = [];
  let current: Span | undefined;
  for (const { piece, width, x } of placed) {
    if (piece.kind === 'mark') continue;
    const color = keyOf(piece);
    if (color === undefined) {
      current = undefined;
      continue;
    }
    const { ascent, descent, rise, size } = piece;
    if (current?.color === color) {
      current.width = x + width - current.x;
      current.ascent = Math.max(current.ascent, ascent);
      current.descent = Math.max(current.descent, descent);
      current.size = Math.max(current.size, size);
    } else {
      current = { x, width, color, ascent, descent, size, rise };
      found.push(current);
    }
  }
  return found;
}

function addLinks(ops: Op[], placed: readonly Placed[], baseline: number): void {
  let current: (Op & { type: 'link' }) | undefined;
  for (const { piece, width, x } of placed) {
    const { ascent, descent, link } = piece;
    if (!link) {
      if (piece.kind !== 'mark') current = undefined;
      continue;
    }
    if (current?.target === link) {
      current.width = x + width - current.x;
      continue;
    }
    current = {
      type: 'link',
      x,
      y: baseline - ascent,
      width,
      height: ascent + descent,
      target: link,
    };
    ops.push(current);
  }
}

function addLeader(
  ops: Op[],
  { face, format, size }: Piece,
  { baseline, leader, width, x }: { x: number; width: number; baseline: number; leader: string },
): void {
  if (!face || !format) return;
  const step = face.widthOf(leader) * size;
  const count = Math.floor((width - 2) / Math.max(1, step)) - 1;
  if (count < 1) return;
  ops.push({
    type: 'text',
    x: x + width - count * step - 2,
    y: baseline,
    text: leader.repeat(Math.min(count, 1000)),
    face,
    size,
    color: format.color,
    spacing: 0,
  });
}
