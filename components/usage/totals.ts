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

/** The bars of the last days, those without calls too; periods are days in UTC. */
export const lastDays = (rows: UsageRow[], count: number, now = Date.now()): Bar[] =>
  daysUntil(count, now).map((label) => barOf(label, rows));

/** The bars of the last months, in UTC. */
export const lastMonths = (rows: UsageRow[], count: number, now = new Date()): Bar[] =>
  monthsUntil(count, now).map((label) => barOf(label, rows));

function barOf(label: string, rows: UsageRow[]): Bar {
  const { failed, succeeded } = totalsOf(rows.filter(({ period }) => period === label));
  return { label, good: succeeded, bad: failed };
}

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
