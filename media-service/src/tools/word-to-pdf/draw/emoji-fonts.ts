import { type EmojiFont, type EmojiGlyph, openEmojiFont } from '../layout/emoji-font.ts';
import { emojiPath } from '../layout/font-files.ts';
import type { Face } from '../layout/fonts.ts';
import { storePicture } from './draw-picture.ts';
import type { PdfDocument, PdfReference } from './pdf-writer.ts';

/** What a byte of text can count; another font begins behind it. */
const maxGlyphs = 254;

/** Two people who kiss, each with a tone of skin. */
const maxCharacters = 10;

type Drawn = { code: number; text: string; glyph: EmojiGlyph; isUsed: boolean };

/**
 * Emoji as fonts of one PDF whose glyphs are pictures (Type 3), so that they are text to whoever
 * searches or copies it.
 *
 * @returns the face of a whole emoji; undefined where there is no picture of it
 */
export function createEmojiFonts(pdf: PdfDocument): (emoji: string) => Face | undefined {
  const faces = new Map<string, Face | undefined>();
  let font: EmojiFont | undefined;
  let fontCount = 0;
  let last: { face: Face; glyphs: Map<string, Drawn> } | undefined;
  const choose = (text: string): Face | undefined => {
    if (emojiPath === undefined) return undefined;
    font ??= openEmojiFont(emojiPath);
    const id = font.glyphOf(text);
    const glyph = id === undefined ? undefined : font.read(id);
    if (!glyph) return undefined;
    if (!last || last.glyphs.size === maxGlyphs) {
      const glyphs = new Map<string, Drawn>();
      fontCount += 1;
      last = { glyphs, face: createFace(pdf, `E${fontCount}`, glyphs, font) };
    }
    last.glyphs.set(text, { code: last.glyphs.size + 1, text, glyph, isUsed: false });
    return last.face;
  };
  return (text) => {
    if (!faces.has(text)) faces.set(text, choose(text));
    return faces.get(text);
  };
}

function createFace(
  pdf: PdfDocument,
  id: string,
  glyphs: ReadonlyMap<string, Drawn>,
  { ascent, descent }: EmojiFont,
): Face {
  const glyphsOf = (text: string) => cutUp(text, glyphs);
  const reference: PdfReference = pdf.ref({});
  return {
    isSlanted: false,
    ascent,
    descent,
    lineGap: 0,
    has: (code) => glyphs.has(String.fromCodePoint(code)),
    widthOf: (text) => glyphsOf(text).reduce((sum, { glyph }) => sum + glyph.advance, 0),
    pdf: {
      id,
      ref: () => reference,
      encode: (text) => {
        const drawn = glyphsOf(text);
        for (const each of drawn) each.isUsed = true;
        const advances = drawn.map(({ glyph }) => Math.round(glyph.advance * 1000));
        return [
          drawn.map(({ code }) => hex(code, 2)),
          advances.map((advanceWidth) => ({
            xAdvance: advanceWidth,
            xOffset: 0,
            yOffset: 0,
            advanceWidth,
          })),
        ];
      },
      finish: async () => {
        const used = [...glyphs.values()].filter(({ isUsed }) => isUsed);
        Object.assign(reference.data, await describeFont(pdf, used));
        reference.end();
      },
    },
  };
}

/** The emoji that a text is made of; the longest that is known is taken each time. */
function cutUp(text: string, glyphs: ReadonlyMap<string, Drawn>): Drawn[] {
  const characters = [...text];
  const found: Drawn[] = [];
  for (let at = 0; at < characters.length; ) {
    let length = Math.min(maxCharacters, characters.length - at);
    let glyph: Drawn | undefined;
    for (; length > 0 && !glyph; length--)
      glyph = glyphs.get(characters.slice(at, at + length).join(''));
    if (glyph) found.push(glyph);
    at += length + 1;
  }
  return found;
}

/** The dictionary of a font of pictures; its glyphs are drawn in thousandths of the size. */
async function describeFont(pdf: PdfDocument, glyphs: readonly Drawn[]) {
  const { encodePicture } = await import('./encode-picture.ts');
  const images: Record<string, unknown> = {};
  const drawings: Record<string, unknown> = {};
  const widths = Array<number>(glyphs.at(-1)?.code ?? 0).fill(0);
  for (const { code, glyph } of glyphs) {
    const { advance, height, left, png, top, width } = glyph;
    const name = `e${code}`;
    const prepared = await encodePicture(png, { width: 1000, quality: 100, maxPixels: 1e6 });
    images[name] = storePicture(pdf, prepared);
    const [w, h, x, y] = [width, height, left, top - height].map((em) => Math.round(em * 1000));
    const drawing = pdf.ref({});
    drawing.end(
      Buffer.from(`${Math.round(advance * 1000)} 0 d0 ${w} 0 0 ${h} ${x} ${y} cm /${name} Do`),
    );
    drawings[name] = drawing;
    widths[code - 1] = Math.round(advance * 1000);
  }
  widths.push(600);
  const texts = pdf.ref({});
  texts.end(Buffer.from(textMap(glyphs)));
  return {
    Type: 'Font',
    Subtype: 'Type3',
    FontBBox: [0, -300, 1300, 1000],
    FontMatrix: [0.001, 0, 0, 0.001, 0, 0],
    CharProcs: drawings,
    Encoding: {
      Type: 'Encoding',
      // Some readers take the height of a line from the letter m; without one they guess wide.
      Differences: [...glyphs.flatMap(({ code }) => [code, `e${code}`]), widths.length, 'm'],
    },
    FirstChar: 1,
    LastChar: widths.length,
    Widths: widths,
    Resources: { XObject: images },
    ToUnicode: texts,
  };
}

/** What each byte stands for, for whoever searches or copies. */
function textMap(glyphs: readonly Drawn[]): string {
  const rows = glyphs.map(
    ({ code, text }) => `<${hex(code, 2)}> <${[...text].map(utf16).join('')}>`,
  );
  const parts: string[] = [];
  for (let at = 0; at < rows.length; at += 100) {
    const some = rows.slice(at, at + 100);
    parts.push(`${some.length} beginbfchar`, ...some, 'endbfchar');
  }
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange <00> <ff> endcodespacerange',
    ...parts,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n');
}

function utf16(char: string): string {
  return Array.from({ length: char.length }, (_none, at) => hex(char.charCodeAt(at), 4)).join('');
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
