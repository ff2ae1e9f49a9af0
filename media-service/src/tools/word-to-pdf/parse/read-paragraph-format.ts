import type { Align, Border, ParagraphFormat, TabStop } from './formats.ts';
import { lookup } from './lookup.ts';
import { borderOf, shadingOf } from './read-colors.ts';
import type { Theme } from './theme.ts';
import { child, numberOf, propertyOf, switchOf, twips, type XmlNode } from './xml.ts';

const aligns: Record<string, Align> = {
  left: 'left',
  start: 'left',
  center: 'center',
  right: 'right',
  end: 'right',
  both: 'justify',
  distribute: 'justify',
  lowKashida: 'justify',
  mediumKashida: 'justify',
  highKashida: 'justify',
  thaiDistribute: 'justify',
};

/** Lengths beyond these come from damaged or hostile files; Word itself stops at 22 inches. */
const maxIndent = 1_584;

/** What a `w:pPr` says; everything else is left undefined. */
export function readParagraphFormat(
  node: XmlNode | undefined,
  theme: Theme,
): Partial<ParagraphFormat> {
  if (!node || node.children.length === 0) return {};
  const indent = child(node, 'w:ind')?.attributes ?? {};
  const spacing = child(node, 'w:spacing')?.attributes ?? {};
  const hanging = length(indent['w:hanging']);
  const firstLine = length(indent['w:firstLine']);
  return {
    align: lookup(aligns, propertyOf(node, 'w:jc')),
    indentLeft: length(indent['w:start'] ?? indent['w:left']),
    indentRight: length(indent['w:end'] ?? indent['w:right']),
    firstLine: hanging !== undefined ? -hanging : firstLine,
    spaceBefore: spaceOf(spacing, 'w:before'),
    spaceAfter: spaceOf(spacing, 'w:after'),
    line: lineOf(spacing),
    isContextual: switchOf(node, 'w:contextualSpacing'),
    keepNext: switchOf(node, 'w:keepNext'),
    keepLines: switchOf(node, 'w:keepLines'),
    pageBreakBefore: switchOf(node, 'w:pageBreakBefore'),
    widowControl: switchOf(node, 'w:widowControl'),
    isRightToLeft: switchOf(node, 'w:bidi'),
    background: shadingOf(node, theme),
    borders: bordersOf(child(node, 'w:pBdr'), theme),
    tabs: tabsOf(child(node, 'w:tabs')),
    numbering: numberingOf(child(node, 'w:numPr')),
    outlineLevel: outlineOf(node),
  };
}

function length(text: string | undefined): number | undefined {
  const points = twips(text);
  return points === undefined ? undefined : Math.max(-maxIndent, Math.min(maxIndent, points));
}

/** Automatic space is what browsers leave between paragraphs. */
function spaceOf(spacing: Record<string, string>, name: string): number | undefined {
  if (['1', 'true', 'on'].includes(spacing[`${name}Autospacing`] ?? '')) return 14;
  const points = length(spacing[name]);
  return points === undefined ? undefined : Math.max(0, points);
}

function lineOf(spacing: Record<string, string>): ParagraphFormat['line'] | undefined {
  const value = numberOf(spacing['w:line']);
  if (value === undefined || value <= 0) return undefined;
  const rule = spacing['w:lineRule'] ?? 'auto';
  if (rule === 'exact' || rule === 'atLeast')
    return { rule, value: Math.min(maxIndent, twips(spacing['w:line']) ?? 12) };
  return { rule: 'auto', value: Math.min(20, value / 240) };
}

function bordersOf(
  node: XmlNode | undefined,
  theme: Theme,
): ParagraphFormat['borders'] | undefined {
  if (!node) return undefined;
  const side = (name: string): Border | undefined =>
    borderOf(child(node, name), theme) ?? undefined;
  return {
    top: side('w:top'),
    right: side('w:right') ?? side('w:end'),
    bottom: side('w:bottom'),
    left: side('w:left') ?? side('w:start'),
    between: side('w:between'),
  };
}

const leaders: Record<string, TabStop['leader']> = {
  dot: '.',
  hyphen: '-',
  underscore: '_',
  heavy: '_',
  middleDot: '·',
};

function tabsOf(node: XmlNode | undefined): TabStop[] | undefined {
  if (!node) return undefined;
  const stops: TabStop[] = [];
  for (const { attributes } of node.children.slice(0, 64)) {
    const position = length(attributes['w:pos']);
    if (position === undefined) continue;
    const value = attributes['w:val'] ?? 'left';
    const align = value === 'end' ? 'right' : value === 'start' || value === 'num' ? 'left' : value;
    if (!['left', 'center', 'right', 'decimal', 'clear'].includes(align)) continue;
    stops.push({
      position,
      align: align as TabStop['align'],
      leader: lookup(leaders, attributes['w:leader']),
    });
  }
  return stops;
}

function numberingOf(node: XmlNode | undefined): ParagraphFormat['numbering'] {
  if (!node) return undefined;
  const id = propertyOf(node, 'w:numId');
  const level = numberOf(propertyOf(node, 'w:ilvl'));
  if (id === undefined && level === undefined) return undefined;
  return { id: id ?? '', level: Math.max(0, Math.min(8, level ?? 0)) };
}

function outlineOf(node: XmlNode): number | undefined {
  const level = numberOf(propertyOf(node, 'w:outlineLvl'));
  return level === undefined ? undefined : Math.max(0, Math.min(9, level));
}
