/** Lines of cells as columns; the last cell of a line is as long as it likes. */
export function alignColumns(lines: readonly string[][]): string[] {
  const count = Math.max(...lines.map(({ length }) => length)) - 1;
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines.map((line) =>
    line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '),
  );
}
