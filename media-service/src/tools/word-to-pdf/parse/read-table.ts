import type { Block, Cell, Row, Table } from './model.ts';
import { shadingOf } from './read-colors.ts';
import type { CellText, PartContext } from './read-context.ts';
import type { AstNode } from './run-mammoth.ts';
import { paddingOf } from './table-padding.ts';
import { cellBorders, resolveTableStyle } from './table-style.ts';
import { child, numberOf, propertyOf, switchOf, twips, type XmlNode } from './xml.ts';

const maxColumns = 200;

/** Reads the blocks of a cell. */
export type ReadCell = (nodes: readonly AstNode[], context: PartContext, text: CellText) => Block[];

export function readTable(node: AstNode, context: PartContext, readCell: ReadCell): Table {
  const { annotations, report, styles } = context;
  const record = annotations.tables[Number(node.styleId)] ?? { rows: [] };
  const { grid, properties } = record;
  if (child(properties, 'w:tblpPr')) report.add('floating_table');
  const columns = (grid?.children ?? [])
    .filter(({ name }) => name === 'w:gridCol')
    .slice(0, maxColumns)
    .map(({ attributes }) => Math.max(0, twips(attributes['w:w']) ?? 0));
  const style = styles.table(propertyOf(properties, 'w:tblStyle'));
  const resolved = resolveTableStyle(style?.tableNodes ?? [], properties, context);
  const rowNodes = (node.children ?? []).filter(({ type }) => type === 'tableRow');
  const raw = rowNodes.map((row, index) => ({ row, record: record.rows[index] }));
  const kept = raw.filter((each) => !child(each.record?.properties, 'w:del'));
  const open = new Map<number, Cell>();
  const rows = kept.map(({ record: rowRecord, row }, index): Row => {
    const before = numberOf(propertyOf(rowRecord?.properties, 'w:gridBefore')) ?? 0;
    let column = Math.max(0, Math.min(maxColumns, before));
    const cells: Cell[] = [];
    const cellNodes = (row.children ?? []).filter(({ type }) => type === 'tableCell');
    cellNodes.forEach((cellNode, at) => {
      const cellProperties = rowRecord?.cells[at]?.properties;
      const span = Math.max(1, numberOf(propertyOf(cellProperties, 'w:gridSpan')) ?? 1);
      const columnSpan = Math.min(span, Math.max(1, maxColumns - column));
      const place = {
        row: index,
        rows: kept.length,
        column,
        columns: columnSpan,
        columnCount: Math.max(columns.length, column + columnSpan),
        isLast: at === cellNodes.length - 1,
      };
      const text = resolved.at(place);
      const merged = child(cellProperties, 'w:vMerge');
      const isContinued = merged !== undefined && merged.attributes['w:val'] !== 'restart';
      const above = open.get(column);
      const cell: Cell = {
        blocks: isContinued && above ? [] : readCell(cellNode.children ?? [], context, text),
        column,
        columns: columnSpan,
        rows: 1,
        isContinued: isContinued && above !== undefined,
        borders: cellBorders(cellProperties, resolved.borders, text, place, context),
        background: shadingOf(cellProperties, context.theme) ?? text.background,
        padding: paddingOf(child(cellProperties, 'w:tcMar'), resolved.padding),
        verticalAlign: verticalOf(propertyOf(cellProperties, 'w:vAlign') ?? text.verticalAlign),
      };
      countLost(cellProperties, context);
      if (cell.isContinued && above) above.rows += 1;
      else if (merged) open.set(column, cell);
      else open.delete(column);
      cells.push(cell);
      column += columnSpan;
    });
    return { cells, ...readRow(rowRecord?.properties) };
  });
  return {
    kind: 'table',
    columns,
    rows,
    align: alignOf(propertyOf(properties, 'w:jc') ?? resolved.align),
    indent: twips(child(properties, 'w:tblInd')?.attributes['w:w']) ?? 0,
    isRightToLeft: switchOf(properties, 'w:bidiVisual') ?? false,
    width: widthOf(child(properties, 'w:tblW')),
  };
}

function readRow(properties: XmlNode | undefined): Omit<Row, 'cells'> {
  const height = child(properties, 'w:trHeight')?.attributes;
  const value = twips(height?.['w:val']);
  return {
    isHeader: switchOf(properties, 'w:tblHeader') ?? false,
    cannotSplit: switchOf(properties, 'w:cantSplit') ?? false,
    height:
      value === undefined
        ? undefined
        : { value: Math.max(0, Math.min(1584, value)), isExact: height?.['w:hRule'] === 'exact' },
  };
}

function countLost(properties: XmlNode | undefined, { report }: PartContext): void {
  const direction = propertyOf(properties, 'w:textDirection');
  if (direction !== undefined && !['lrTb', 'lr', 'tb'].includes(direction))
    report.add('vertical_text');
  const borders = child(properties, 'w:tcBorders');
  for (const name of ['w:tl2br', 'w:tr2bl']) {
    const style = propertyOf(borders, name);
    if (style !== undefined && style !== 'nil' && style !== 'none') report.add('diagonal_border');
  }
}

function widthOf(node: XmlNode | undefined): Table['width'] {
  const { 'w:type': type, 'w:w': text } = node?.attributes ?? {};
  const value = numberOf(text?.replace('%', ''));
  if (value === undefined || value <= 0) return undefined;
  if (text?.endsWith('%')) return { share: value / 100 };
  if (type === 'pct') return { share: value / 5000 };
  return type === 'dxa' ? { points: value / 20 } : undefined;
}

function alignOf(value: string | undefined): Table['align'] {
  if (value === 'center') return 'center';
  return value === 'right' || value === 'end' ? 'right' : 'left';
}

function verticalOf(value: string | undefined): Cell['verticalAlign'] {
  return value === 'center' || value === 'bottom' ? value : 'top';
}
