import { type Row, showBound, showFigure } from '../rows.ts';
import { alignColumns } from './print-table.ts';

/** Prints the rows as one table, with the causes of misses below it. */
export function printRows(rows: Row[]): void {
  const table = rows.map((row) => [
    row.name,
    showFigure(row.value, row.unit),
    showBound(row),
    row.verdict ?? '',
    row.detail,
  ]);
  const lines = [['row', 'value', 'bound', '', 'this run'], ...table];
  const text = alignColumns(lines);
  const misses = rows.filter(({ verdict }) => verdict === 'miss');
  const causes = misses.map(({ name, note }) => `missed: ${name}\n  ${note}`);
  process.stdout.write(`\n${[...text, '', ...causes].join('\n')}\n`);
}
