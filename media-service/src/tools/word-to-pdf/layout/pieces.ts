import bidiFactory from 'bidi-js';
import type { PageField } from '../parse/annotations.ts';
import type { CharacterFormat } from '../parse/formats.ts';
import type { Inline, LinkTarget, Paragraph, Picture } from '../parse/model.ts';
import type { Face } from './fonts.ts';
import type { LayoutContext } from './layout-context.ts';
import {
  breaksBetween,
  isEmoji,
  isInvisible,
  mayHaveEmoji,
  rightToLeft,
  splitGraphemes,
} from './scripts.ts';

/** The smallest thing that a line is filled with; lines end only after pieces that say so. */
export type Piece = {
  kind: 'text' | 'space' | 'tab' | 'image' | 'lineBreak' | 'pageBreak' | 'mark';
  text: string;
  width: number;
  ascent: number;
  descent: number;
  lineGap: number;
  /** Points above the baseline of the line. */
  rise: number;
  canBreak: boolean;
  /** Shows a hyphen where the line ends after it. */
  isSoftHyphen?: boolean;
  /** Embedding level; odd ones run from right to left. */
  level: number;
  face?: Face;
  size: number;
  format?: CharacterFormat;
  link?: LinkTarget;
  field?: PageField;
  note?: string;
  picture?: Picture;
  height?: number;
  anchor?: string;
};

const bidi = bidiFactory();

/** Cuts the text of a paragraph into pieces, each in one font, format and direction. */
export function createPieces(paragraph: Paragraph, context: LayoutContext): Piece[] {
  const { format, inlines, list } = paragraph;
  const pieces: Piece[] = [];
  if (list && list.text !== '') {
    addText(pieces, list.text, list.characters, context);
    for (const piece of pieces) piece.canBreak = false;
    if (list.level.suffix === 'tab') pieces.push(control('tab', list.characters, context));
    if (list.level.suffix === 'space') addText(pieces, ' ', list.characters, context);
  }
  for (const inline of inlines) addInline(pieces, inline, context);
  markBreaks(pieces);
  return orient(pieces, format.isRightToLeft, context);
}

function addInline(pieces: Piece[], inline: Inline, context: LayoutContext): void {
  switch (inline.kind) {
    case 'text': {
      const { field, format, link } = inline;
      const text = field ? (context.fieldValue?.(field) ?? '00') : inline.text;
      const from = pieces.length;
      addText(pieces, text, format, context);
      for (const piece of pieces.slice(from)) {
        piece.link = link;
        if (field && !context.fieldValue) piece.field = field;
      }
      return;
    }
    case 'tab':
      pieces.push(control('tab', inline.format, context));
      return;
    case 'break':
      pieces.push(
        control(inline.type === 'line' ? 'lineBreak' : 'pageBreak', inline.format, context),
      );
      return;
    case 'note': {
      const from = pieces.length;
      addText(pieces, inline.mark, inline.format, context);
      const first = pieces[from];
      if (first) first.note = inline.id;
      return;
    }
    case 'anchor':
      pieces.push({ ...emptyPiece, kind: 'mark', anchor: inline.name });
      return;
    default:
      pieces.push(imagePiece(inline.image, inline.link, context));
  }
}

const emptyPiece = {
  text: '',
  width: 0,
  ascent: 0,
  descent: 0,
  lineGap: 0,
  rise: 0,
  canBreak: false,
  level: 0,
  size: 0,
} as const;

function imagePiece(picture: Picture, link: LinkTarget | undefined, context: LayoutContext): Piece {
  const { height, width } = context.pictureSize(picture);
  return {
    ...emptyPiece,
    kind: 'image',
    text: '\ufffc',
    width,
    height,
    ascent: height,
    canBreak: true,
    picture,
    link,
  };
}

function control(
  kind: 'tab' | 'lineBreak' | 'pageBreak',
  format: CharacterFormat,
  { fonts }: LayoutContext,
): Piece {
  const face = fonts.primary(format);
  return {
    ...emptyPiece,
    kind,
    canBreak: kind !== 'tab',
    ...metrics(face, format.size),
    face,
    format,
    size: format.size,
  };
}

function metrics(face: Face, size: number) {
  return {
    ascent: face.ascent * size,
    descent: face.descent * size,
    lineGap: face.lineGap * size,
  };
}

/** Raised and lowered text is set smaller. */
const scriptScale = 0.65;

function addText(
  pieces: Piece[],
  text: string,
  format: CharacterFormat,
  context: LayoutContext,
): void {
  const faceOf = context.fonts.chooser(format);
  let run = '';
  let face: Face | undefined;
  let isSpace = false;
  const flush = (extra?: Partial<Piece>) => {
    if (run !== '' && face) {
      const piece = textPiece(run, face, format, isSpace);
      pieces.push(extra ? { ...piece, ...extra } : piece);
    }
    run = '';
  };
  const emoji = mayHaveEmoji(text) ? context.fonts.emoji : undefined;
  for (const char of emoji ? splitEmoji(text, emoji) : text) {
    const code = char.codePointAt(0) ?? 0;
    const picture = emoji && isEmoji(char) ? emoji(char) : undefined;
    if (picture) {
      if (picture !== face || isSpace) flush();
      face = picture;
      isSpace = false;
      run += char;
      continue;
    }
    if (code === 0xad) {
      flush({ canBreak: true, isSoftHyphen: true });
      continue;
    }
    if (code === 0x200b) {
      flush({ canBreak: true });
      continue;
    }
    const isPlain = code >= 0x20 && code < 0x7f;
    const joins = !isPlain && (isInvisible(code) || mark.test(char));
    if (joins && face && run !== '') {
      if (code !== 0xfe0f && code >= 0x20 && !('finish' in face.pdf)) run += char;
      continue;
    }
    if (!isPlain && isInvisible(code)) continue;
    const shown = code === 0x2011 && !context.fonts.primary(format).has(code) ? '-' : char;
    const next = faceOf(shown === char ? code : 0x2d);
    if (!next) continue;
    const nextIsSpace = char === ' ' || char === '\u3000';
    if (next !== face || nextIsSpace !== isSpace || endsPiece(run, char)) flush();
    face = next;
    isSpace = nextIsSpace;
    run += shown;
  }
  flush();
}

/** Characters one by one, but emoji that there is a picture of as a whole. */
function splitEmoji(text: string, emoji: (text: string) => Face | undefined): string[] {
  return splitGraphemes(text).flatMap((each) =>
    isEmoji(each) && emoji(each) ? [each] : [...each],
  );
}

const mark = /\p{M}/u;

const letter = /[\p{L}\p{N}]/u;

/** Pieces end where a line may end, so that each is measured once. */
function endsPiece(run: string, char: string): boolean {
  const last = run.at(-1);
  if (last === undefined) return false;
  if (last === '-' || last === '–' || last === '—') return letter.test(char);
  if (run.length >= 200) return true;
  if (last < '\u2e80' && char < '\u2e80') return false;
  return breaksBetween(last, char);
}

function textPiece(text: string, face: Face, format: CharacterFormat, isSpace: boolean): Piece {
  const scale = format.position ? scriptScale : 1;
  const isComplex = format.complexSize !== undefined && rightToLeft.test(text);
  const fullSize = isComplex ? (format.complexSize ?? format.size) : format.size;
  const size = fullSize * scale;
  const lift =
    format.position === 'super'
      ? fullSize * 0.35
      : format.position === 'sub'
        ? -fullSize * 0.14
        : 0;
  // Written out, because there is one for every word and copies take longer.
  return {
    kind: isSpace ? 'space' : 'text',
    text,
    width: face.widthOf(text) * size + (format.spacing && format.spacing * [...text].length),
    ascent: face.ascent * fullSize,
    descent: face.descent * fullSize,
    lineGap: face.lineGap * fullSize,
    rise: format.rise + lift,
    canBreak: isSpace,
    level: 0,
    face,
    size,
    format,
  };
}

/** A piece of text may end a line where its last and the next character allow it. */
function markBreaks(pieces: Piece[]): void {
  pieces.forEach((piece, index) => {
    if (piece.kind !== 'text' || piece.canBreak) return;
    let at = index + 1;
    while (pieces[at]?.kind === 'mark') at += 1;
    const next = pieces[at];
    if (!next) return;
    if (next.kind === 'image' || next.kind === 'tab') {
      piece.canBreak = true;
      return;
    }
    if (next.kind !== 'text') return;
    const last = [...piece.text].at(-1) ?? '';
    const first = [...next.text][0] ?? '';
    piece.canBreak =
      breaksBetween(last, first) ||
      (/[-–—]/.test(last) && letter.test(first) && piece.text.length > 1);
  });
}

/** Gives each piece its direction, and cuts those that have two. */
function orient(pieces: Piece[], isRightToLeft: boolean, _context: LayoutContext): Piece[] {
  if (!isRightToLeft && !pieces.some(({ text }) => rightToLeft.test(text))) return pieces;
  const text = pieces.map((piece) => piece.text || (piece.kind === 'tab' ? '\t' : '')).join('');
  const { levels } = bidi.getEmbeddingLevels(text, isRightToLeft ? 'rtl' : 'ltr');
  const base = isRightToLeft ? 1 : 0;
  const result: Piece[] = [];
  let at = 0;
  for (const piece of pieces) {
    const length = piece.text.length || (piece.kind === 'tab' ? 1 : 0);
    const end = at + length;
    if (piece.text === '' || !piece.face || !piece.format) {
      result.push({ ...piece, level: piece.kind === 'image' ? (levels[at] ?? base) : base });
      at = end;
      continue;
    }
    let from = at;
    while (from < end) {
      let to = from + 1;
      while (to < end && levels[to] === levels[from]) to += 1;
      const part = mirror(text.slice(from, to), levels[from] ?? base);
      const isWhole = from === at && to === end;
      const cut = isWhole && part === piece.text ? piece : { ...piece, ...remeasure(piece, part) };
      result.push({ ...cut, level: levels[from] ?? base, canBreak: to === end && piece.canBreak });
      from = to;
    }
    at = end;
  }
  return result;
}

function remeasure(piece: Piece, text: string): Partial<Piece> {
  const width = piece.face ? piece.face.widthOf(text) * piece.size : 0;
  return { text, width: width + (piece.format?.spacing ?? 0) * [...text].length };
}

function mirror(text: string, level: number): string {
  if (level % 2 === 0) return text;
  return [...text].map((char) => bidi.getMirroredCharacter(char) ?? char).join('');
}

/** Cuts a piece that no line can hold into parts of at most `room` points. */
export function cutPiece(piece: Piece, room: number): Piece[] {
  const { face, format } = piece;
  if (!face || !format || piece.kind !== 'text') return [piece];
  const parts: Piece[] = [];
  let text = '';
  let width = 0;
  const push = () => {
    if (text !== '')
      parts.push({
        ...piece,
        text,
        width,
        canBreak: true,
        note: parts.length === 0 ? piece.note : undefined,
      });
    text = '';
    width = 0;
  };
  for (const segment of splitGraphemes(piece.text)) {
    const own = face.widthOf(segment) * piece.size + format.spacing * [...segment].length;
    if (width + own > room && text !== '') push();
    text += segment;
    width += own;
  }
  push();
  const last = parts.at(-1);
  if (last) last.canBreak = piece.canBreak;
  return parts;
}
