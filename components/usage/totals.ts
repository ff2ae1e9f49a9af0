import type { Bar } from '../ui/bar-chart.tsx';

/** One row of the counters: a tool or a key in a period. */
export type UsageRow = {
  period: string;
  tool: string | null;
  key_id: string | null;
  calls: number;
  succeeded: number;
  failed: number;
  bytes_in: number;
  bytes_out: number;
  bytes_saved: number;
  run_ms: number;
  p50_ms: number | null;
  p95_ms: number | null;
};

/** Sums over all rows; share is a percentage, ms a mean, and both are unknown without calls. */
export function totalsOf(rows: Pick<UsageRow, 'calls' | 'failed' | 'run_ms' | 'succeeded'>[]) {
  type Count = 'calls' | 'failed' | 'run_ms' | 'succeeded';
  const sum = (name: Count) => rows.reduce((all, row) => all + row[name], 0);
  const [calls, succeeded] = [sum('calls'), sum('succeeded')];
  return {
    calls,
    succeeded,
    failed: sum('failed'),
    share: calls === 0 ? undefined : (succeeded / calls) * 100,
    ms: succeeded === 0 ? undefined : sum('run_ms') / succeeded,
  };
}

const day = 24 * 60 * 60 * 1000;

/** The last days, in UTC, the newest last. */
export const daysUntil = (count: number, now: number): string[] =>
  Array.from({ length: count }, (_, at) =>
    new Date(now - (count - 1 - at) * day).toISOString().slice(0, 10),
  );

/** The last months, in UTC, the newest last. */
export const monthsUntil = (count: number, now: Date): string[] =>
  Array.from({ length: count }, (_, at) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (count - 1 - at), 1))
      .toISOString()
      .slice(0, 7),
  );

/** What the rows of one period are drawn as. */
type Draw = (rows: UsageRow[]) => Omit<Bar, 'label'>;

/** The bars of the last days, those without calls too; periods are days in UTC. */
export const lastDays = (
  rows: UsageRow[],
  count: number,
  { draw = drawCalls, now = Date.now() }: { draw?: Draw; now?: number } = {},
): Bar[] => barsOf(daysUntil(count, now), rows, draw);

/** The bars of the last months, in UTC. */
export const lastMonths = (
  rows: UsageRow[],
  count: number,
  { draw = drawCalls, now = new Date() }: { draw?: Draw; now?: Date } = {},
): Bar[] => barsOf(monthsUntil(count, now), rows, draw);

const barsOf = (periods: string[], rows: UsageRow[], draw: Draw): Bar[] =>
  periods.map((label) => ({ label, ...draw(rows.filter(({ period }) => period === label)) }));

/** Calls by their outcome. */
export const drawCalls: Draw = (rows) => {
  const { failed, succeeded } = totalsOf(rows);
  return { good: succeeded, bad: failed };
};

/** Bytes that came, and those that went. */
export const drawBytes: Draw = (rows) => ({
  good: rows.reduce((all, { bytes_in }) => all + bytes_in, 0),
  bad: rows.reduce((all, { bytes_out }) => all + bytes_out, 0),
});

/** Mean time of the runs with a result; unlike percentiles it can be made of several rows. */
export const drawTime: Draw = (rows) => ({ good: Math.round(totalsOf(rows).ms ?? 0), bad: 0 });

/** The counters as a file for a spreadsheet. */
export function toCsv(rows: UsageRow[]): string {
  const names = [
    'period',
    'tool',
    'key_id',
    'calls',
    'succeeded',
    'failed',
    'bytes_in',
    'bytes_out',
    'bytes_saved',
    'run_ms',
    'p50_ms',
    'p95_ms',
  ] as const;
  const lines = rows.map((row) => names.map((name) => row[name] ?? '').join(','));
  return `${[names.join(','), ...lines].join('\r\n')}\r\n`;
}
