import type { CharacterFormat } from '../parse/formats.ts';
import type { Warn } from '../parse/read-context.ts';
import {
  eastAsia,
  type FontFile,
  type FontFiles,
  fallbacks,
  families,
  lookalikes,
  twins,
} from './font-files.ts';
import type { PdfFont, PictureFont } from './pdf-font.ts';
import { isEastAsian, isShaped, scriptOf } from './scripts.ts';

/** One face of a font, opened. */
export type Face = {
  pdf: PdfFont | PictureFont;
  /** Of one point of size. */
  ascent: number;
  descent: number;
  lineGap: number;
  has: (code: number) => boolean;
  /** Width of one point of size; a text without shaping is the sum of its characters. */
  widthOf: (text: string) => number;
  /** An upright face that stands for an italic one is drawn slanted. */
  isSlanted: boolean;
};

export type Fonts = {
  /** Finds the face for one character after the other; undefined where no font has it. */
  chooser: (format: CharacterFormat) => (code: number) => Face | undefined;
  /** Finds the face for a whole emoji, of however many characters. */
  emoji: (emoji: string) => Face | undefined;
  /** The face of the font that the format names. */
  primary: (format: CharacterFormat) => Face;
  /** Characters that no font has, with how often each was asked for. */
  missing: ReadonlyMap<number, number>;
};

/** How one PDF embeds fonts. */
export type FontSource = { open: (file: FontFile) => PdfFont; emoji: Fonts['emoji'] };

/** Opens fonts for one document; a name that is not installed is told once. */
export function createFonts({ emoji, open }: FontSource, warn: Warn): Fonts {
  const faces = new Map<string, Face>();
  const chosen = new Map<string, FontFiles>();
  const byCharacter = new Map<string, Map<number, Face | null>>();
  const missing = new Map<number, number>();

  const faceFrom = (files: FontFiles, isBold: boolean, isItalic: boolean): Face => {
    const exact = isBold
      ? isItalic
        ? files.boldItalic
        : files.bold
      : isItalic
        ? files.italic
        : files.regular;
    const file = exact ?? (isBold ? files.bold : undefined) ?? files.regular;
    const isSlanted = isItalic && file !== files.italic && file !== files.boldItalic;
    const key = `${file.path}|${file.face}|${isSlanted}`;
    const known = faces.get(key);
    if (known) return known;
    const face = createFace(open(file), isSlanted);
    faces.set(key, face);
    return face;
  };

  const filesOf = (name: string): FontFiles => {
    const key = name.trim().toLowerCase();
    const known = chosen.get(key);
    if (known) return known;
    const twin = families[twins.get(key) ?? ''];
    const files = twin ?? substitute(key);
    if (!files) throw new Error('no fonts are installed');
    chosen.set(key, files);
    if (!twin) {
      const used = Object.entries(families).find(([, each]) => each === files)?.[0] ?? '';
      const shown = displayNames[used] ?? used;
      const font = name.slice(0, 64);
      warn('font_substituted', `The font ${font} is not installed; ${shown} was used.`, {
        font,
        used: shown,
      });
    }
    return files;
  };

  const candidates = (format: CharacterFormat, code: number): (FontFiles | undefined)[] => {
    const script = scriptOf(code);
    if (isEastAsian(code)) {
      const kind = eastAsiaKind(format, code);
      return [eastAsia[kind.style][kind.region], eastAsia.sans.jp, ...fallbacks.other];
    }
    const own = [filesOf(format.font)];
    const special = script in fallbacks ? fallbacks[script as keyof typeof fallbacks] : [];
    return [...own, ...special, ...fallbacks.other, eastAsia.sans.sc];
  };

  const primaries = new WeakMap<CharacterFormat, Face>();
  const primary = (format: CharacterFormat) => {
    const known = primaries.get(format);
    if (known) return known;
    const face = faceFrom(filesOf(format.font), format.isBold, format.isItalic);
    primaries.set(format, face);
    return face;
  };

  // Formats are shared by many characters; the key is made once for each.
  const choosers = new WeakMap<CharacterFormat, (code: number) => Face | undefined>();

  const createChooser = (format: CharacterFormat) => {
    const key = `${format.font}|${format.eastAsiaFont}|${format.isBold}|${format.isItalic}`;
    const known = byCharacter.get(key) ?? new Map<number, Face | null>();
    byCharacter.set(key, known);
    const choose = (code: number): Face | null => {
      for (const files of candidates(format, code)) {
        const candidate = files && faceFrom(files, format.isBold, format.isItalic);
        if (candidate?.has(code)) return candidate;
      }
      return emoji(String.fromCodePoint(code)) ?? null;
    };
    return (code: number): Face | undefined => {
      let face = known.get(code);
      if (face === undefined) {
        face = choose(code);
        known.set(code, face);
      }
      if (face) return face;
      missing.set(code, (missing.get(code) ?? 0) + 1);
      return undefined;
    };
  };

  return {
    emoji,
    missing,
    primary,
    chooser: (format) => {
      const known = choosers.get(format) ?? createChooser(format);
      choosers.set(format, known);
      return known;
    },
  };
}

const displayNames: Record<string, string> = {
  sans: 'Liberation Sans',
  serif: 'Liberation Serif',
  mono: 'Liberation Mono',
  narrow: 'Liberation Sans Narrow',
  carlito: 'Carlito',
  caladea: 'Caladea',
  dejavu: 'DejaVu Sans',
};

function substitute(key: string): FontFiles | undefined {
  const likely = lookalikes.find(([pattern]) => pattern.test(key))?.[1];
  return families[likely ?? 'sans'] ?? families.sans ?? families.dejavu;
}

function createFace(pdf: PdfFont, isSlanted: boolean): Face {
  const { font } = pdf;
  const advances = new Map<number, number>();
  const known = new Map<number, boolean>();
  const advance = (code: number): number => {
    let width = advances.get(code);
    if (width === undefined) {
      width = font.glyphForCodePoint(code).advanceWidth / font.unitsPerEm;
      advances.set(code, width);
    }
    return width;
  };
  return {
    pdf,
    isSlanted,
    ascent: pdf.ascender / 1000,
    descent: -pdf.descender / 1000,
    lineGap: pdf.lineGap / 1000,
    has: (code) => {
      const has = known.get(code) ?? font.hasGlyphForCodePoint(code);
      known.set(code, has);
      return has;
    },
    widthOf: (text) => {
      if (isShaped(text)) return pdf.widthOfString(text, 1);
      let width = 0;
      for (const char of text) width += advance(char.codePointAt(0) ?? 0);
      return width;
    },
  };
}

function eastAsiaKind(format: CharacterFormat, code: number) {
  const name = (format.eastAsiaFont ?? format.font).toLowerCase();
  const isSerif = /song|sun|ming|mincho|batang|serif|宋|明/.test(name) && !/gothic/.test(name);
  const style = isSerif ? ('serif' as const) : ('sans' as const);
  if (code >= 0x3040 && code <= 0x30ff) return { style, region: 'jp' as const };
  if (code >= 0xac00 && code <= 0xd7af) return { style, region: 'kr' as const };
  if (/gothic|mincho|meiryo|jp|yu |ゴシック|明朝/.test(name))
    return { style, region: 'jp' as const };
  if (/batang|gulim|malgun|dotum|kr/.test(name)) return { style, region: 'kr' as const };
  if (/pmingliu|mingliu|jhenghei|tc|hk/.test(name)) return { style, region: 'tc' as const };
  return { style, region: 'sc' as const };
}
