import type { PageField } from './annotations.ts';
import type { Border, CharacterFormat, ParagraphFormat, Sides } from './formats.ts';
import type { ListMark } from './numbering.ts';
import type { Section } from './sections.ts';

/** A document as it is laid out. */
export type WordDocument = {
  blocks: Block[];
  /** One for each `section` of the blocks, and the last one. */
  sections: SectionParts[];
  footnotes: ReadonlyMap<string, Note>;
  endnotes: Note[];
  info: DocumentInfo;
  defaultTab: number;
  evenAndOdd: boolean;
};

/** A section with the content of its bands. */
export type SectionParts = {
  section: Section;
  headers: { default?: Block[]; first?: Block[]; even?: Block[] };
  footers: { default?: Block[]; first?: Block[]; even?: Block[] };
};

export type DocumentInfo = {
  title?: string;
  author?: string;
  subject?: string;
  keywords?: string;
  modified?: Date;
};

export type Note = { mark: string; blocks: Block[] };

export type Block = Paragraph | Table;

export type Paragraph = {
  kind: 'paragraph';
  inlines: Inline[];
  format: ParagraphFormat;
  /** Of the paragraph's end, and of a paragraph without text. */
  characters: CharacterFormat;
  list?: ListMark & { characters: CharacterFormat };
  /** 1 to 9; becomes a bookmark. */
  heading?: number;
  styleId: string;
  /** The section ends with this paragraph. */
  endsSection?: boolean;
};

export type LinkTarget = { href: string } | { anchor: string };

export type Inline =
  | { kind: 'text'; text: string; format: CharacterFormat; link?: LinkTarget; field?: PageField }
  | { kind: 'tab'; format: CharacterFormat }
  | { kind: 'break'; type: 'line' | 'page' | 'column'; format: CharacterFormat }
  | { kind: 'image'; image: Picture; link?: LinkTarget }
  | { kind: 'note'; id: string; mark: string; format: CharacterFormat }
  | { kind: 'anchor'; name: string };

export type Picture = {
  /** Name of its part in the package. */
  part: string;
  width?: number;
  height?: number;
  crop?: { left: number; top: number; right: number; bottom: number };
  isFloating: boolean;
  align?: 'left' | 'center' | 'right';
};

export type Table = {
  kind: 'table';
  /** Widths in points; empty where the document leaves them to the content. */
  columns: number[];
  rows: Row[];
  align: 'left' | 'center' | 'right';
  indent: number;
  isRightToLeft: boolean;
  /** Share of the text's width, or points, that the table wants. */
  width?: { share: number } | { points: number };
};

export type Row = {
  cells: Cell[];
  isHeader: boolean;
  cannotSplit: boolean;
  height?: { value: number; isExact: boolean };
};

export type Cell = {
  blocks: Block[];
  column: number;
  columns: number;
  /** Rows it spans, at least 1. */
  rows: number;
  /** Continues a cell of a row above; it has borders and a background, and no content. */
  isContinued: boolean;
  borders: Sides<Border>;
  background?: string;
  padding: { top: number; right: number; bottom: number; left: number };
  verticalAlign: 'top' | 'center' | 'bottom';
};
