/** What PDFKit keeps of an embedded font; the part of it that lines are made with. */
export type PdfFont = {
  id: string;
  /** Per mille of the size. */
  ascender: number;
  descender: number;
  lineGap: number;
  /** Width of each glyph of the subset, and the text that it stands for. */
  widths: number[];
  unicode: number[][];
  subset: { includeGlyph: (id: number) => number };
  font: {
    unitsPerEm: number;
    hasGlyphForCodePoint: (code: number) => boolean;
    glyphForCodePoint: (code: number) => { id: number; advanceWidth: number };
  };
  /** Shapes a text: hexadecimal glyphs, and where each one stands. */
  encode: (text: string) => [string[], GlyphPosition[]];
  widthOfString: (text: string, size: number) => number;
  ref: () => unknown;
};

/** A font whose glyphs are pictures. */
export type PictureFont = Pick<PdfFont, 'id' | 'ref' | 'encode'> & {
  /** Writes the font with the glyphs that were encoded, when all pages are drawn. */
  finish: () => Promise<void>;
};

export type GlyphPosition = {
  xAdvance: number;
  xOffset: number;
  yOffset: number;
  advanceWidth: number;
};
