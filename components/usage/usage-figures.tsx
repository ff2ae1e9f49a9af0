import { BarChart, type BarFacts, outcomes } from '../ui/bar-chart.tsx';
import { BarTable } from '../ui/bar-table.tsx';
import { Card } from '../ui/card.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Stat } from '../ui/stat.tsx';
import {
  drawBytes,
  drawCalls,
  drawTime,
  inShare,
  inTime,
  lastDays,
  lastMonths,
  type Period,
  type UsageRow,
} from './totals.ts';
import { type GroupBy, UsageTable } from './usage-table.tsx';

export type By = 'day' | 'month';

export const [shownDays, shownMonths] = [30, 12];

type Sums = Omit<Period, 'period'>;

const bytes: BarFacts = { names: ['in', 'out'], format: formatBytes };
const time: BarFacts = {
  names: ['p50', 'p95'],
  isWithin: true,
  format: (ms) => inTime(ms),
};

/** The sums, three charts over time, and a row for each tool or key. */
export function Figures({
  by,
  groupBy,
  groups,
  periods,
  total,
}: {
  by: By;
  groupBy: GroupBy;
  groups: Omit<UsageRow, 'period'>[];
  periods: Period[];
  total: Sums;
}) {
  const { bytes_in, bytes_out, bytes_saved, calls, p50_ms, p95_ms } = total;
  const span = by === 'day' ? `the last ${shownDays} days` : `the last ${shownMonths} months`;
  const bars = (draw: typeof drawCalls) =>
    by === 'day'
      ? lastDays(periods, shownDays, { draw })
      : lastMonths(periods, shownMonths, { draw });
  return (
    <>
      <div className="grid grid-cols-2 gap-4 xl:grid-cols-4">
        <Stat label="Calls">{calls.toLocaleString('en')}</Stat>
        <Stat label="Succeeded">{inShare(total)}</Stat>
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
        <Chart label={`Latency of ${span}`} bars={bars(drawTime)} facts={time} />
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
