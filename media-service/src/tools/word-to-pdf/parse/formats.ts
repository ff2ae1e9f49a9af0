import type { Feature } from './fidelity.ts';

/** How characters look; lengths in points. */
export type CharacterFormat = {
  font: string;
  eastAsiaFont?: string;
  complexFont?: string;
  size: number;
  complexSize?: number;
  isBold: boolean;
  isItalic: boolean;
  underline: Underline;
  isStruck: boolean;
  /** #rrggbb. */
  color: string;
  /** Background as #rrggbb, from highlighting or shading. */
  background?: string;
  position?: 'super' | 'sub';
  /** Points that the text is raised by. */
  rise: number;
  spacing: number;
  isAllCaps: boolean;
  isSmallCaps: boolean;
  isHidden: boolean;
  isRightToLeft: boolean;
  /** What it has and the PDF has not. */
  lost: readonly Feature[];
};

export type Underline = 'none' | 'single' | 'double' | 'thick' | 'dotted' | 'dashed' | 'wavy';

export type Align = 'left' | 'center' | 'right' | 'justify';

export type Border = {
  width: number;
  color: string;
  style: 'single' | 'double' | 'dotted' | 'dashed';
};

export type Sides<T> = { top?: T; right?: T; bottom?: T; left?: T };

export type TabStop = {
  position: number;
  align: 'left' | 'center' | 'right' | 'decimal' | 'clear';
  leader?: '.' | '-' | '_' | '·';
};

/** How a paragraph stands; lengths in points. */
export type ParagraphFormat = {
  /** As the document has it: left and right are start and end where the paragraph is right-to-left. */
  align: Align;
  indentLeft: number;
  indentRight: number;
  /** Of the first line, relative to the others; negative where it hangs out. */
  firstLine: number;
  spaceBefore: number;
  spaceAfter: number;
  /** A factor of the font's own distance, or points. */
  line: { rule: 'auto' | 'exact' | 'atLeast'; value: number };
  isContextual: boolean;
  keepNext: boolean;
  keepLines: boolean;
  pageBreakBefore: boolean;
  widowControl: boolean;
  isRightToLeft: boolean;
  background?: string;
  borders: Sides<Border> & { between?: Border };
  tabs: TabStop[];
  numbering?: { id: string; level: number };
  outlineLevel?: number;
};

export const defaultCharacters: CharacterFormat = {
  font: 'Times New Roman',
  size: 10,
  isBold: false,
  isItalic: false,
  underline: 'none',
  isStruck: false,
  color: '#000000',
  rise: 0,
  spacing: 0,
  isAllCaps: false,
  isSmallCaps: false,
  isHidden: false,
  isRightToLeft: false,
  lost: [],
};

export const defaultParagraph: ParagraphFormat = {
  align: 'left',
  indentLeft: 0,
  indentRight: 0,
  firstLine: 0,
  spaceBefore: 0,
  spaceAfter: 0,
  line: { rule: 'auto', value: 1 },
  isContextual: false,
  keepNext: false,
  keepLines: false,
  pageBreakBefore: false,
  widowControl: true,
  isRightToLeft: false,
  borders: {},
  tabs: [],
};

/** A later format over an earlier one; what it does not say stays. */
export function merge<T extends object>(base: T, ...patches: (Partial<T> | undefined)[]): T {
  const result = { ...base };
  for (const patch of patches) {
    if (!patch) continue;
    for (const key of Object.keys(patch) as (keyof T)[])
      if (patch[key] !== undefined) result[key] = patch[key] as T[keyof T];
  }
  return result;
}
