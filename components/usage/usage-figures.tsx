import { BarChart, type BarFacts, outcomes } from '../ui/bar-chart.tsx';
import { BarTable } from '../ui/bar-table.tsx';
import { Card } from '../ui/card.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Stat } from '../ui/stat.tsx';
import { drawBytes, drawCalls, drawTime, lastDays, lastMonths, type UsageRow } from './totals.ts';
import { type GroupBy, UsageTable } from './usage-table.tsx';

export type By = 'day' | 'month';

export const [shownDays, shownMonths] = [30, 12];

type Sums = Omit<UsageRow, 'key_id' | 'period' | 'tool'>;

const bytes: BarFacts = { names: ['in', 'out'], format: formatBytes };
const time: BarFacts = {
  names: ['mean time of a run'],
  format: (ms) => `${ms.toLocaleString('en')} ms`,
};

/** The sums, three charts over time, and a row for each tool or key. */
export function Figures({
  by,
  groupBy,
  groups,
  rows,
  total,
}: {
  by: By;
  groupBy: GroupBy;
  groups: Omit<UsageRow, 'period'>[];
  rows: UsageRow[];
  total: Sums;
}) {
  const { bytes_in, bytes_out, bytes_saved, calls, p50_ms, p95_ms, succeeded } = total;
  const span = by === 'day' ? `the last ${shownDays} days` : `the last ${shownMonths} months`;
  const bars = (draw: typeof drawCalls) =>
    by === 'day' ? lastDays(rows, shownDays, { draw }) : lastMonths(rows, shownMonths, { draw });
  return (
    <>
      <div className="grid grid-cols-2 gap-4 xl:grid-cols-4">
        <Stat label="Calls">{calls.toLocaleString('en')}</Stat>
        <Stat label="Succeeded">
          {calls === 0 ? '–' : `${((100 * succeeded) / calls).toFixed(1)} %`}
        </Stat>
        <Stat label="Half take no longer" note={`95 % within ${inTime(p95_ms)}`}>
          {inTime(p50_ms)}
        </Stat>
        <Stat
          label="Bytes in"
          note={`${formatBytes(bytes_out)} out, ${formatBytes(bytes_saved)} saved`}
        >
          {formatBytes(bytes_in)}
        </Stat>
      </div>
      <Chart label={`Calls of ${span}`} bars={bars(drawCalls)} facts={outcomes} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-2">
        <Chart label={`Bytes of ${span}`} bars={bars(drawBytes)} facts={bytes} />
        <Chart label={`Time of ${span}`} bars={bars(drawTime)} facts={time} />
      </div>
      <UsageTable groups={groups} groupBy={groupBy} />
    </>
  );
}

function Chart({ bars, facts, label }: Parameters<typeof BarChart>[0]) {
  return (
    <Card>
      <h2 className="mb-3 text-sm font-medium">{label}</h2>
      <BarChart label={label} bars={bars} facts={facts} />
      <BarTable label={label} bars={bars} facts={facts} />
    </Card>
  );
}

const inTime = (ms: number | null) => (ms === null ? '–' : `${ms.toLocaleString('en')} ms`);
