import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { type Row, showBound, showFigure } from '../rows.ts';
import { drawChart } from './draw-chart.ts';

/**
 * Writes report.md, report.json, report.svg and report.png.
 *
 * @returns the paths, relative to the current folder
 */
export async function writeReport(folder: string, rows: Row[], rounds: number): Promise<string[]> {
  const machine = {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    measuredAt: new Date().toISOString(),
    rounds,
  };
  const svg = drawChart(
    rows,
    `${machine.cores} cores, Node ${machine.node}, medians of ${rounds} interleaved rounds`,
  );
  const files: Record<string, string | Buffer> = {
    'report.json': `${JSON.stringify({ ...machine, rows }, null, 2)}\n`,
    'report.md': markdown(rows, machine),
    'report.svg': svg,
    'report.png': await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer(),
  };
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return relative(process.cwd(), path);
  });
}

function markdown(
  rows: Row[],
  { cores, cpu, measuredAt, node, rounds }: Record<string, string | number>,
): string {
  const lines = rows.map((row) => {
    const [low, high] = row.spread.map((value) => showFigure(value, row.unit));
    const cells = [row.name, `**${showFigure(row.value, row.unit)}**`, `${low} – ${high}`];
    return `| ${[...cells, showBound(row), row.verdict ?? '', row.detail, row.note].join(' | ')} |`;
  });
  return [
    '# What this machine reached',
    '',
    `${cores} cores (${cpu}), Node ${node}, ${measuredAt}, medians of ${rounds} interleaved rounds.`,
    '',
    '![value against bound](report.png)',
    '',
    '| row | value | rounds | bound | | this run | note |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
