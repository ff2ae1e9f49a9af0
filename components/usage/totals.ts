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

/** The counters of one period, of whatever tools and keys were asked for. */
export type Period = Omit<UsageRow, 'key_id' | 'tool'>;

/** Milliseconds for people; nothing is known without calls. */
export const inTime = (ms: number | null): string =>
  ms === null ? '–' : `${ms.toLocaleString('en')} ms`;

/** The part of the calls that gave a result, in per cent. */
export const inShare = ({ calls, succeeded }: Pick<Period, 'calls' | 'succeeded'>): string =>
  calls === 0 ? '–' : `${((100 * succeeded) / calls).toFixed(1)} %`;

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

/** What a period is drawn as. */
type Draw = (period: Period) => Omit<Bar, 'label'>;

/** The bars of the last days, those without calls too; periods are days in UTC. */
export const lastDays = (
  rows: Period[],
  count: number,
  { draw = drawCalls, now = Date.now() }: { draw?: Draw; now?: number } = {},
): Bar[] => barsOf(daysUntil(count, now), rows, draw);

/** The bars of the last months, in UTC. */
export const lastMonths = (
  rows: Period[],
  count: number,
  { draw = drawCalls, now = new Date() }: { draw?: Draw; now?: Date } = {},
): Bar[] => barsOf(monthsUntil(count, now), rows, draw);

function barsOf(labels: string[], rows: Period[], draw: Draw): Bar[] {
  const byPeriod = new Map(rows.map((row) => [row.period, row]));
  return labels.map((label) => {
    const row = byPeriod.get(label);
    return { label, ...(row ? draw(row) : { good: 0, bad: 0 }) };
  });
}

/** Calls by their outcome. */
export const drawCalls: Draw = ({ failed, succeeded }) => ({ good: succeeded, bad: failed });

/** Bytes that came, and those that went. */
export const drawBytes: Draw = ({ bytes_in, bytes_out }) => ({ good: bytes_in, bad: bytes_out });

/** What half of the calls with a result stayed within, and 95 % of them. */
export const drawTime: Draw = ({ p50_ms, p95_ms }) => ({ good: p50_ms ?? 0, bad: p95_ms ?? 0 });

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
