import type { XmlNode } from './xml.ts';

/**
 * What mammoth does not hand on. The annotated part carries an index into these lists wherever
 * mammoth hands a text through: the alignment of a paragraph, the font of a run, the style of a
 * table, the anchor of a link, the alternative text of an image.
 */
export type Annotations = {
  paragraphs: ParagraphRecord[];
  runs: RunRecord[];
  tables: TableRecord[];
  links: LinkRecord[];
  images: ImageRecord[];
};

export type ParagraphRecord = { properties?: XmlNode };

export type RunRecord = {
  properties?: XmlNode;
  /** The run shows a number that is known only when the pages are. */
  field?: PageField;
  /** A later run of the same field; the first one shows its result. */
  isRest?: boolean;
};

export type PageField = 'PAGE' | 'NUMPAGES' | 'SECTIONPAGES';

export type TableRecord = { properties?: XmlNode; grid?: XmlNode; rows: RowRecord[] };

export type RowRecord = { properties?: XmlNode; cells: CellRecord[] };

export type CellRecord = { properties?: XmlNode };

export type LinkRecord = { relationship?: string; anchor?: string };

export type ImageRecord = {
  /** Relationship of the picture inside the package. */
  embed?: string;
  /** Size on the page in points. */
  width?: number;
  height?: number;
  /** Parts of the picture that are cut off at each side, 0 to 1. */
  crop?: { left: number; top: number; right: number; bottom: number };
  isFloating: boolean;
  /** The side of the column that a floating picture stands at. */
  align?: 'left' | 'center' | 'right';
  /** Relationship of the address that a click leads to. */
  link?: string;
};

export function createAnnotations(): Annotations {
  return { paragraphs: [], runs: [], tables: [], links: [], images: [] };
}

/** Marks an anchor as an index of {@link Annotations.links}. */
export const linkMark = 'nebula-link-';
