import {
  type Border,
  type CharacterFormat,
  merge,
  type ParagraphFormat,
  type Sides,
} from './formats.ts';
import type { Cell } from './model.ts';
import { readCharacterFormat } from './read-character-format.ts';
import { borderOf, shadingOf } from './read-colors.ts';
import type { CellText, PartContext } from './read-context.ts';
import { readParagraphFormat } from './read-paragraph-format.ts';
import { paddingOf } from './table-padding.ts';
import type { Theme } from './theme.ts';
import { child, numberOf, propertyOf, type XmlNode } from './xml.ts';

/** Where a cell stands in its table. */
export type CellPlace = {
  row: number;
  rows: number;
  column: number;
  columns: number;
  columnCount: number;
  isLast: boolean;
};

type BorderSet = { [Side in BorderName]?: Border | null };

type BorderName = 'top' | 'right' | 'bottom' | 'left' | 'insideH' | 'insideV';

/** What the style and the table itself say of a cell. */
export type CellStyle = CellText & {
  background?: string;
  verticalAlign?: string;
  /** Of the conditions that hold for the cell, such as the first row. */
  borders: BorderSet;
};

export type TableStyle = {
  borders: BorderSet;
  padding: Cell['padding'];
  align?: string;
  at: (place: CellPlace) => CellStyle;
};

type Condition = {
  paragraph: Partial<ParagraphFormat>;
  characters: Partial<CharacterFormat>;
  background?: string;
  verticalAlign?: string;
  borders: BorderSet;
};

/** Of the conditions that hold, later ones win. */
const conditionOrder = [
  'wholeTable',
  'band1Vert',
  'band2Vert',
  'band1Horz',
  'band2Horz',
  'firstCol',
  'lastCol',
  'firstRow',
  'lastRow',
  'neCell',
  'nwCell',
  'seCell',
  'swCell',
];

export function resolveTableStyle(
  nodes: readonly XmlNode[],
  properties: XmlNode | undefined,
  { theme }: PartContext,
): TableStyle {
  const conditions = new Map<string, Condition>();
  let borders: BorderSet = {};
  let padding = paddingOf(undefined);
  let align: string | undefined;
  for (const node of nodes) {
    const table = child(node, 'w:tblPr');
    borders = { ...borders, ...readBorders(child(table, 'w:tblBorders'), theme) };
    padding = paddingOf(child(table, 'w:tblCellMar'), padding);
    align = propertyOf(table, 'w:jc') ?? align;
    addCondition(conditions, 'wholeTable', node, theme);
    for (const each of node.children)
      if (each.name === 'w:tblStylePr')
        addCondition(conditions, each.attributes['w:type'] ?? '', each, theme);
  }
  borders = { ...borders, ...readBorders(child(properties, 'w:tblBorders'), theme) };
  padding = paddingOf(child(properties, 'w:tblCellMar'), padding);
  const look = readLook(child(properties, 'w:tblLook'));
  const own = shadingOf(properties, theme);
  const bandRows = bandSize(nodes, 'w:tblStyleRowBandSize');
  return {
    borders,
    padding,
    align,
    at: (place) => {
      let style: CellStyle = { paragraph: {}, characters: {}, borders: {}, background: own };
      for (const name of conditionOrder) {
        const condition = conditions.get(name);
        if (!condition || !holds(name, place, look, bandRows)) continue;
        style = {
          paragraph: merge(style.paragraph, condition.paragraph),
          characters: merge(style.characters, condition.characters),
          background: condition.background ?? style.background,
          verticalAlign: condition.verticalAlign ?? style.verticalAlign,
          borders: { ...style.borders, ...conditionBorders(name, condition.borders, place) },
        };
      }
      return style;
    },
  };
}

/** The borders of one cell: the table's, the style's for its place, and its own. */
export function cellBorders(
  properties: XmlNode | undefined,
  table: BorderSet,
  style: CellStyle,
  place: CellPlace,
  { theme }: PartContext,
): Sides<Border> {
  const isTop = place.row === 0;
  const isBottom = place.row === place.rows - 1;
  const isLeft = place.column === 0;
  const isRight = place.isLast;
  const own = readBorders(child(properties, 'w:tcBorders'), theme);
  const pick = (side: keyof Sides<Border>, fallback: Border | null | undefined) =>
    own[side] !== undefined
      ? own[side]
      : style.borders[side] !== undefined
        ? style.borders[side]
        : fallback;
  return {
    top: pick('top', isTop ? table.top : table.insideH) ?? undefined,
    bottom: pick('bottom', isBottom ? table.bottom : table.insideH) ?? undefined,
    left: pick('left', isLeft ? table.left : table.insideV) ?? undefined,
    right: pick('right', isRight ? table.right : table.insideV) ?? undefined,
  };
}

function addCondition(
  conditions: Map<string, Condition>,
  name: string,
  node: XmlNode,
  theme: Theme,
): void {
  const base = conditions.get(name);
  const cell = child(node, 'w:tcPr');
  conditions.set(name, {
    paragraph: merge(base?.paragraph ?? {}, readParagraphFormat(child(node, 'w:pPr'), theme)),
    characters: merge(base?.characters ?? {}, readCharacterFormat(child(node, 'w:rPr'), theme)),
    background: shadingOf(cell, theme) ?? base?.background,
    verticalAlign: propertyOf(cell, 'w:vAlign') ?? base?.verticalAlign,
    borders: { ...base?.borders, ...readBorders(child(cell, 'w:tcBorders'), theme) },
  });
}

/** The inner borders of a condition lie between the cells that it holds for. */
function conditionBorders(name: string, borders: BorderSet, place: CellPlace): BorderSet {
  const { insideH, insideV, ...outer } = borders;
  const result: BorderSet = { ...outer };
  const isRow = name === 'firstRow' || name === 'lastRow' || name.endsWith('Horz');
  const isColumn = name === 'firstCol' || name === 'lastCol' || name.endsWith('Vert');
  if (isRow || name === 'wholeTable') {
    if (place.column > 0) result.left = insideV ?? (isRow ? undefined : result.left);
    if (!place.isLast) result.right = insideV ?? (isRow ? undefined : result.right);
  }
  if (isColumn || name === 'wholeTable') {
    if (place.row > 0) result.top = insideH ?? (isColumn ? undefined : result.top);
    if (place.row < place.rows - 1)
      result.bottom = insideH ?? (isColumn ? undefined : result.bottom);
  }
  for (const side of Object.keys(result) as BorderName[])
    if (result[side] === undefined) delete result[side];
  return result;
}

function readBorders(node: XmlNode | undefined, theme: Theme): BorderSet {
  const borders: BorderSet = {};
  const names = {
    top: ['w:top'],
    right: ['w:right', 'w:end'],
    bottom: ['w:bottom'],
    left: ['w:left', 'w:start'],
    insideH: ['w:insideH'],
    insideV: ['w:insideV'],
  };
  for (const [side, elements] of Object.entries(names)) {
    const found = elements.map((name) => child(node, name)).find((each) => each !== undefined);
    const border = borderOf(found, theme);
    if (border !== undefined) borders[side as BorderName] = border;
  }
  return borders;
}

type Look = {
  [Name in 'firstRow' | 'lastRow' | 'firstCol' | 'lastCol' | 'hBand' | 'vBand']: boolean;
};

function readLook(node: XmlNode | undefined): Look {
  const bits = Number.parseInt(node?.attributes['w:val'] ?? '04A0', 16);
  const flag = (name: string, bit: number) => {
    const value = node?.attributes[name];
    return value === undefined ? (bits & bit) !== 0 : value === '1' || value === 'true';
  };
  return {
    firstRow: flag('w:firstRow', 0x20),
    lastRow: flag('w:lastRow', 0x40),
    firstCol: flag('w:firstColumn', 0x80),
    lastCol: flag('w:lastColumn', 0x100),
    hBand: !flag('w:noHBand', 0x200),
    vBand: !flag('w:noVBand', 0x400),
  };
}

function holds(name: string, place: CellPlace, look: Look, bandRows: number): boolean {
  const isTop = look.firstRow && place.row === 0;
  const isBottom = look.lastRow && place.row === place.rows - 1;
  const isLeft = look.firstCol && place.column === 0;
  const isRight = look.lastCol && place.column + place.columns >= place.columnCount;
  const band = Math.floor((place.row - (look.firstRow ? 1 : 0)) / bandRows) % 2;
  const stripe = (place.column - (look.firstCol ? 1 : 0)) % 2;
  switch (name) {
    case 'wholeTable':
      return true;
    case 'band1Horz':
      return look.hBand && !isTop && band === 0;
    case 'band2Horz':
      return look.hBand && !isTop && band === 1;
    case 'band1Vert':
      return look.vBand && !isLeft && stripe === 0;
    case 'band2Vert':
      return look.vBand && !isLeft && stripe === 1;
    case 'firstRow':
      return isTop;
    case 'lastRow':
      return isBottom;
    case 'firstCol':
      return isLeft;
    case 'lastCol':
      return isRight;
    case 'neCell':
      return isTop && isRight;
    case 'nwCell':
      return isTop && isLeft;
    case 'seCell':
      return isBottom && isRight;
    default:
      return isBottom && isLeft;
  }
}

function bandSize(nodes: readonly XmlNode[], name: string): number {
  const sizes = nodes.map((node) => numberOf(propertyOf(child(node, 'w:tblPr'), name)));
  return Math.max(1, sizes.findLast((size) => size !== undefined) ?? 1);
}
