import type { Ratio } from './measure.ts';
import type { SuiteName } from './options.ts';

/** What a figure must reach: at least, or at most. */
export type Bound = { at: 'least' | 'most'; value: number };

/** One line of the report. */
export type Row = {
  suite: SuiteName;
  name: string;
  /** `x` is a ratio, `MB` are megabytes of 2^20 bytes, `share` is of 1. */
  unit: 'x' | 'MB' | 'share';
  value: number;
  /** The lowest and the highest round. */
  spread: [low: number, high: number];
  bound?: Bound;
  /** Absent where the row has no bound. */
  verdict?: 'pass' | 'miss';
  /** The absolute figures of this run behind the value. */
  detail: string;
  /** Where the time goes, or how the figure came about. */
  note: string;
};

/** A row from what was measured; the verdict follows from value and bound alone. */
export function createRow({
  figure,
  ...row
}: Omit<Row, 'value' | 'spread' | 'verdict' | 'unit'> & {
  figure: Ratio;
  unit?: Row['unit'];
}): Row {
  const value = figure.median;
  return {
    unit: 'x',
    ...row,
    value,
    spread: [figure.low, figure.high],
    ...(row.bound ? { verdict: isWithin(value, row.bound) ? 'pass' : 'miss' } : {}),
  };
}

export const atLeast = (value: number): Bound => ({ at: 'least', value });
export const atMost = (value: number): Bound => ({ at: 'most', value });

function isWithin(value: number, bound: Bound): boolean {
  return bound.at === 'least' ? value >= bound.value : value <= bound.value;
}

export function showBound(row: Row): string {
  if (!row.bound) return '—';
  return `${row.bound.at === 'least' ? '≥' : '≤'} ${showFigure(row.bound.value, row.unit)}`;
}

export function showFigure(value: number, unit: Row['unit']): string {
  if (unit === 'MB') return `${value.toFixed(0)} MB`;
  if (unit === 'share') return value.toFixed(4);
  return `${value >= 10 ? value.toFixed(1) : value.toFixed(2)}x`;
}
