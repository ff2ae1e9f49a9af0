import type { WarningCode } from '@nebula/contract/warnings';
import type { Relationships } from '../package/relationships.ts';
import type { Annotations } from './annotations.ts';
import type { FidelityReport } from './fidelity.ts';
import type { CharacterFormat, ParagraphFormat } from './formats.ts';
import type { Numbering } from './numbering.ts';
import type { StyleMap } from './style-map.ts';
import type { Styles } from './styles.ts';
import type { Theme } from './theme.ts';

export type Warn = (code: WarningCode, message: string, facts?: Record<string, unknown>) => void;

/** What all parts of one document share. */
export type DocumentContext = {
  styles: Styles;
  numbering: Numbering;
  theme: Theme;
  styleMap: StyleMap;
  report: FidelityReport;
  warn: Warn;
  overrides: Overrides;
  /** Number of a note, counted in the order of the references. */
  noteMark: (type: 'footnote' | 'endnote', id: string) => string;
};

/** Fonts and sizes that the caller wants instead of those of the document. */
export type Overrides = { font?: string; scale: number; lineHeight?: number };

/** A part with its records. */
export type PartContext = DocumentContext & {
  annotations: Annotations;
  relationships: Relationships;
  /** Of the note that the part's text belongs to. */
  ownMark?: string;
};

/** What the style of a table says of the text in a cell. */
export type CellText = {
  paragraph: Partial<ParagraphFormat>;
  characters: Partial<CharacterFormat>;
};
