import { type Row, showBound, showFigure } from '../rows.ts';

const layout = {
  width: 1160,
  left: 440,
  right: 190,
  top: 84,
  rowHeight: 34,
  barHeight: 18,
  gap: 58,
};
const colours = {
  pass: '#2f9e6e',
  miss: '#d9480f',
  plain: '#7487b8',
  text: '#1d2433',
  soft: '#5b667a',
};

/** Bars end here, in multiples of the mark; a longer one is cut and says so. */
const longest = { bound: 2.5, plain: 14 };

/** A bar chart: rows with a bound as multiples of it, and below them the others as plain ratios. */
export function drawChart(rows: Row[], subtitle: string): string {
  const bounded = rows.filter((row) => row.bound);
  const plain = rows.filter((row) => !row.bound);
  const panels = [
    {
      title: 'Reached, as a share of the bound',
      rows: bounded,
      scale: longest.bound,
      mark: 'bound',
    },
    {
      title: 'For comparison, as a multiple of the yardstick',
      rows: plain,
      scale: Math.min(longest.plain, 1.1 * Math.max(1, ...plain.map(({ value }) => value))),
      mark: '1x',
    },
  ].filter((panel) => panel.rows.length > 0);
  let top = layout.top;
  const drawn = panels.map((panel) => {
    const svg = drawPanel(panel, top);
    top += panel.rows.length * layout.rowHeight + layout.gap;
    return svg;
  });
  const height = top - 20;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" height="${height}" viewBox="0 0 ${layout.width} ${height}" font-family="Liberation Sans, Arial, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#ffffff"/>
${text(24, 34, 'NebulaAPI benchmark', { size: 20, weight: 'bold' })}
${text(24, 56, subtitle, { fill: colours.soft })}
${drawn.join('\n')}
</svg>
`;
}

type Panel = { title: string; rows: Row[]; scale: number; mark: string };

function drawPanel({ mark, rows, scale, title }: Panel, top: number): string {
  const { left, right, rowHeight, width } = layout;
  const unit = (width - left - right) / scale;
  const bottom = top + 20 + rows.length * rowHeight;
  const bars = rows.map((row, index) => drawRow(row, top + 20 + index * rowHeight, unit, scale));
  return [
    text(24, top + 6, title, { weight: 'bold' }),
    text(left + unit, top + 6, mark, { fill: colours.soft, anchor: 'middle' }),
    ...bars,
    `<line x1="${left + unit}" x2="${left + unit}" y1="${top + 12}" y2="${bottom}" stroke="${colours.text}" stroke-width="1.5" stroke-dasharray="4 3"/>`,
    `<line x1="${left}" x2="${left}" y1="${top + 12}" y2="${bottom}" stroke="#c3ccdd"/>`,
  ].join('\n');
}

function drawRow(row: Row, top: number, unit: number, scale: number): string {
  const { barHeight, left, right, rowHeight, width } = layout;
  const share = shareOf(row);
  const length = Math.max(2, Math.min(share, scale) * unit);
  const middle = top + rowHeight / 2;
  const y = middle - barHeight / 2;
  const value = `${showFigure(row.value, row.unit)}${row.bound ? `   (${showBound(row)})` : ''}`;
  return [
    text(left - 12, middle + 4.5, row.name, { anchor: 'end' }),
    `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" fill="${colours[row.verdict ?? 'plain']}"/>`,
    ...(share > scale ? [drawCut(left + length, y)] : []),
    text(width - right + 14, middle + 4.5, value, { weight: 'bold' }),
  ].join('\n');
}

/** A slanted gap near the end of a bar that would be longer. */
function drawCut(end: number, y: number): string {
  const x = end - 16;
  const bottom = y + layout.barHeight;
  return `<path d="M${x} ${bottom} L${x + 6} ${y} L${x + 10} ${y} L${x + 4} ${bottom} Z" fill="#ffffff"/>`;
}

/** 1 is the bound, or the yardstick where there is none; more is better. */
function shareOf({ bound, value }: Row): number {
  if (!bound) return value;
  return bound.at === 'least'
    ? value / bound.value
    : bound.value / Math.max(value, bound.value / 100);
}

function text(
  x: number,
  y: number,
  content: string,
  { anchor = 'start', fill = colours.text, size = 13, weight = 'normal' } = {},
): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" fill="${fill}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}">${safe}</text>`;
}
