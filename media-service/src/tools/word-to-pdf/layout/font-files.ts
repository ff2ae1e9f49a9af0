import { existsSync } from 'node:fs';

/** Where the faces of a family lie; `face` names one of a collection. */
export type FontFiles = {
  regular: FontFile;
  bold?: FontFile;
  italic?: FontFile;
  boldItalic?: FontFile;
};

export type FontFile = { path: string; face?: string };

export const fontRoot = '/usr/share/fonts';

function family(
  folder: string,
  name: string,
  suffixes = ['Regular', 'Bold', 'Italic', 'BoldItalic'],
) {
  const [regular = '', bold, italic, boldItalic] = suffixes;
  const file = (suffix: string | undefined): FontFile | undefined => {
    const path = `${fontRoot}/${folder}/${name}-${suffix}.ttf`;
    return suffix !== undefined && existsSync(path) ? { path } : undefined;
  };
  const plain = file(regular);
  if (!plain) return undefined;
  return { regular: plain, bold: file(bold), italic: file(italic), boldItalic: file(boldItalic) };
}

function collection(style: 'Sans' | 'Serif', region: 'jp' | 'kr' | 'sc' | 'tc') {
  const file = (weight: string): FontFile | undefined => {
    const path = `${fontRoot}/opentype/noto/Noto${style}CJK-${weight}.ttc`;
    return existsSync(path) ? { path, face: `Noto${style}CJK${region}-${weight}` } : undefined;
  };
  const regular = file('Regular');
  return regular && { regular, bold: file('Bold') };
}

/** The families that are set as they are, or in a font of the same widths. */
export const families: Readonly<Record<string, FontFiles | undefined>> = {
  sans: family('truetype/liberation', 'LiberationSans'),
  serif: family('truetype/liberation', 'LiberationSerif'),
  mono: family('truetype/liberation', 'LiberationMono'),
  narrow: family('truetype/liberation', 'LiberationSansNarrow'),
  carlito: family('truetype/crosextra', 'Carlito'),
  caladea: family('truetype/crosextra', 'Caladea'),
  notoSans: family('truetype/noto', 'NotoSans'),
  notoSerif: family('truetype/noto', 'NotoSerif'),
  dejavu: dejavu(),
};

function dejavu(): FontFiles | undefined {
  const path = `${fontRoot}/truetype/dejavu/DejaVuSans.ttf`;
  const bold = `${fontRoot}/truetype/dejavu/DejaVuSans-Bold.ttf`;
  if (!existsSync(path)) return undefined;
  return { regular: { path }, bold: existsSync(bold) ? { path: bold } : undefined };
}

/** Names in documents, in lower case, and the family that stands for each. */
export const twins: ReadonlyMap<string, keyof typeof families> = new Map([
  ['arial', 'sans'],
  ['helvetica', 'sans'],
  ['liberation sans', 'sans'],
  ['times new roman', 'serif'],
  ['times', 'serif'],
  ['liberation serif', 'serif'],
  ['courier new', 'mono'],
  ['courier', 'mono'],
  ['liberation mono', 'mono'],
  ['arial narrow', 'narrow'],
  ['liberation sans narrow', 'narrow'],
  ['calibri', 'carlito'],
  ['carlito', 'carlito'],
  ['cambria', 'caladea'],
  ['caladea', 'caladea'],
  ['noto sans', 'notoSans'],
  ['noto serif', 'notoSerif'],
  ['dejavu sans', 'dejavu'],
  // What they show is chosen by character, not by name.
  ['symbol', 'sans'],
  ['wingdings', 'sans'],
  ['wingdings 2', 'sans'],
  ['wingdings 3', 'sans'],
  ['webdings', 'sans'],
  ['segoe ui symbol', 'sans'],
  ['segoe ui emoji', 'sans'],
  ['ms gothic', 'sans'],
  ['ms mincho', 'serif'],
]);

/** For names that are not installed: what they look like, by parts of the name. */
export const lookalikes: readonly [RegExp, keyof typeof families][] = [
  [/mono|consol|courier|typewriter|menlo|fixed|code|terminal/, 'mono'],
  [/narrow|condensed/, 'narrow'],
  [/calibri|aptos|segoe|candara|corbel|trebuchet|gill|lato|open sans|roboto|inter/, 'carlito'],
  [/verdana|tahoma|dejavu/, 'dejavu'],
  [/cambria|constantia/, 'caladea'],
  [
    /serif(?<!sans.?serif)|roman|times|georgia|garamond|palatino|book|baskerville|century|minion|antiqua|didot|bodoni|caslon|song|ming|mincho|batang/,
    'serif',
  ],
];

const colorEmoji = `${fontRoot}/truetype/noto/NotoColorEmoji.ttf`;

/** A font of pictures; undefined where it is not installed. */
export const emojiPath = existsSync(colorEmoji) ? colorEmoji : undefined;

/** Fonts for characters that the wanted font has not, the first that has it is used. */
export const fallbacks = {
  arabic: [family('truetype/noto', 'NotoNaskhArabic'), family('truetype/noto', 'NotoSansArabic')],
  hebrew: [family('truetype/noto', 'NotoSansHebrew')],
  devanagari: [family('truetype/noto', 'NotoSansDevanagari')],
  bengali: [family('truetype/noto', 'NotoSansBengali')],
  tamil: [family('truetype/noto', 'NotoSansTamil')],
  thai: [family('truetype/noto', 'NotoSansThai')],
  georgian: [family('truetype/noto', 'NotoSansGeorgian'), family('truetype/noto', 'NotoSans')],
  other: [
    families.notoSans,
    family('truetype/noto', 'NotoSansSymbols'),
    family('truetype/noto', 'NotoSansSymbols2'),
    family('truetype/noto', 'NotoSansMath'),
    families.dejavu,
    ...['Gujarati', 'Gurmukhi', 'Telugu', 'Kannada', 'Malayalam', 'Oriya', 'Sinhala'].map((name) =>
      family('truetype/noto', `NotoSans${name}`),
    ),
    ...['Khmer', 'Lao', 'Myanmar', 'Armenian', 'Ethiopic', 'Thaana', 'Syriac', 'Cherokee'].map(
      (name) => family('truetype/noto', `NotoSans${name}`),
    ),
  ],
} satisfies Record<string, (FontFiles | undefined)[]>;

export const eastAsia = {
  sans: {
    jp: collection('Sans', 'jp'),
    kr: collection('Sans', 'kr'),
    sc: collection('Sans', 'sc'),
    tc: collection('Sans', 'tc'),
  },
  serif: {
    jp: collection('Serif', 'jp'),
    kr: collection('Serif', 'kr'),
    sc: collection('Serif', 'sc'),
    tc: collection('Serif', 'tc'),
  },
};
