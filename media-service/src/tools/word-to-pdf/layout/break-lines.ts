import type { ParagraphFormat, TabStop } from '../parse/formats.ts';
import { cutPiece, type Piece } from './pieces.ts';

/** A filled line; pieces are in the order of the text. */
export type Line = {
  pieces: Piece[];
  /** From the start of the column, and the room for text. */
  indent: number;
  room: number;
  /** Ends by itself, so that it is never stretched. */
  isLast: boolean;
  /** The next line begins a page. */
  breaksPage: boolean;
  leaders: Map<Piece, NonNullable<TabStop['leader']>>;
};

/** Rounding must not push a word that fits exactly to the next line. */
const tolerance = 0.01;

/** Fills lines one after the other; a word that is longer than a line is cut. */
export function breakLines(
  pieces: readonly Piece[],
  format: ParagraphFormat,
  width: number,
  defaultTab: number,
): Line[] {
  const lines: Line[] = [];
  const queue = [...pieces];
  let at = 0;

  const startLine = (): Line => {
    const indent = format.indentLeft + (lines.length === 0 ? format.firstLine : 0);
    const room = Math.max(12, width - indent - format.indentRight);
    return { pieces: [], indent, room, isLast: false, breaksPage: false, leaders: new Map() };
  };
  let line = startLine();
  let used = 0;

  const endLine = (isLast: boolean, breaksPage = false) => {
    line.isLast = isLast;
    line.breaksPage = breaksPage;
    lines.push(line);
    line = startLine();
    used = 0;
  };

  while (at < queue.length) {
    const piece = queue[at];
    if (!piece) break;
    if (piece.kind === 'lineBreak' || piece.kind === 'pageBreak') {
      at += 1;
      line.pieces.push(piece);
      endLine(true, piece.kind === 'pageBreak');
      continue;
    }
    if (piece.kind === 'tab') {
      const stop = nextStop(format, line, used, defaultTab);
      const tabWidth = tabWidthTo(stop, used, line, queue, at + 1);
      if (used + tabWidth > line.room + tolerance && line.pieces.length > 0 && stop.isDefault) {
        endLine(false);
        continue;
      }
      const tab = { ...piece, width: Math.max(0, Math.min(tabWidth, line.room - used)) };
      if (stop.leader) line.leaders.set(tab, stop.leader);
      line.pieces.push(tab);
      used += tab.width;
      at += 1;
      continue;
    }
    const { end, width: clusterWidth } = cluster(queue, at);
    const visible = clusterWidth - trailingWidth(queue, at, end);
    if (used + visible <= line.room + tolerance) {
      for (; at < end; at++) {
        const next = queue[at];
        if (!next) break;
        line.pieces.push(next);
        used += next.width;
      }
      continue;
    }
    if (line.pieces.some(({ width: own }) => own > 0)) {
      endLine(false);
      continue;
    }
    // Alone on its line and still too long: an image is scaled, a word is cut.
    queue.splice(at, end - at, ...fitAlone(queue.slice(at, end), line.room));
    if (!forceFirst(queue, at, line)) break;
    used += queue[at]?.width ?? 0;
    at += 1;
    if (at < queue.length) endLine(false);
  }
  if (line.pieces.length > 0 || lines.length === 0) endLine(true);
  const last = lines.at(-1);
  if (last) last.isLast = true;
  return lines;
}

function forceFirst(queue: Piece[], at: number, line: Line): boolean {
  const piece = queue[at];
  if (!piece) return false;
  line.pieces.push(piece);
  return true;
}

function fitAlone(pieces: Piece[], room: number): Piece[] {
  return pieces.flatMap((piece) => {
    if (piece.kind !== 'image') return cutPiece(piece, room);
    const scale = Math.min(1, room / piece.width);
    const height = (piece.height ?? 0) * scale;
    return [{ ...piece, width: piece.width * scale, height, ascent: height }];
  });
}

/** From a piece to the next place where a line may end. */
function cluster(queue: readonly Piece[], from: number): { end: number; width: number } {
  let width = 0;
  let end = from;
  for (; end < queue.length; end++) {
    const piece = queue[end];
    if (!piece || piece.kind === 'tab' || piece.kind === 'lineBreak' || piece.kind === 'pageBreak')
      break;
    width += piece.width;
    if (piece.canBreak && queue[end + 1]?.kind !== 'space') {
      end += 1;
      break;
    }
  }
  return { end: Math.max(end, from + 1), width };
}

/** Space at the end of a line takes no room. */
function trailingWidth(queue: readonly Piece[], from: number, end: number): number {
  let width = 0;
  for (let at = end - 1; at >= from; at--) {
    const piece = queue[at];
    if (piece?.kind !== 'space') break;
    width += piece.width;
  }
  return width;
}

type Stop = TabStop & { isDefault: boolean };

/** Positions count from the start of the column; a hanging indent is a stop too. */
function nextStop(format: ParagraphFormat, line: Line, used: number, defaultTab: number): Stop {
  const here = line.indent + used + 0.5;
  const stops = format.tabs.filter(({ align, position }) => align !== 'clear' && position > here);
  if (format.firstLine < 0 && format.indentLeft > here)
    stops.push({ position: format.indentLeft, align: 'left' });
  const [nearest] = stops.sort((a, b) => a.position - b.position);
  if (nearest) return { ...nearest, isDefault: false };
  const position = (Math.floor(here / defaultTab) + 1) * defaultTab;
  return { position, align: 'left', isDefault: true };
}

function tabWidthTo(
  stop: Stop,
  used: number,
  line: Line,
  queue: readonly Piece[],
  next: number,
): number {
  const target = Math.min(stop.position - line.indent, stop.isDefault ? Infinity : line.room);
  const room = target - used;
  if (stop.align === 'left') return Math.max(0, room);
  const following = widthToNextTab(queue, next, stop.align === 'decimal');
  return Math.max(0, room - (stop.align === 'center' ? following / 2 : following));
}

function widthToNextTab(queue: readonly Piece[], from: number, isDecimal: boolean): number {
  let width = 0;
  for (let at = from; at < queue.length; at++) {
    const piece = queue[at];
    if (!piece || ['tab', 'lineBreak', 'pageBreak'].includes(piece.kind)) break;
    const point = isDecimal ? piece.text.search(/[.,]/) : -1;
    if (point >= 0 && piece.face)
      return width + piece.face.widthOf(piece.text.slice(0, point)) * piece.size;
    width += piece.width;
  }
  return width;
}
