'use client';

import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { BarChart } from '../ui/bar-chart.tsx';
import { BarTable } from '../ui/bar-table.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Field, Select } from '../ui/field.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { PageHeader } from '../ui/page-header.tsx';
import { Stat } from '../ui/stat.tsx';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';
import { CycleCard } from './cycle-card.tsx';
import { daysUntil, lastDays, lastMonths, monthsUntil, toCsv, type UsageRow } from './totals.ts';
import { type GroupBy, UsageTable } from './usage-table.tsx';

type By = 'day' | 'month';

const [shownDays, shownMonths] = [30, 12];

/** The counters of the account by day or month, and by tool or key. */
export function Usage() {
  const trpc = useTRPC();
  const [by, setBy] = useState<By>('day');
  const [groupBy, setGroupBy] = useState<GroupBy>('tool');
  const [from] =
    by === 'day' ? daysUntil(shownDays, Date.now()) : monthsUntil(shownMonths, new Date());
  const usage = useQuery(trpc.usage.list.queryOptions({ by, group_by: groupBy, from }));
  const rows = usage.data?.data ?? [];
  return (
    <>
      <PageHeader
        title="Usage"
        actions={
          <Button
            kind="secondary"
            disabled={rows.length === 0}
            onClick={() => save(rows, `usage-by-${by}-and-${groupBy}.csv`)}
          >
            <Download className="size-4" aria-hidden /> CSV
          </Button>
        }
      >
        Calls, bytes and time of each tool and key. Periods are in UTC; a call counts when it ends.
      </PageHeader>
      <CycleCard />
      <Tabs value={by} onValueChange={(next) => setBy(next as By)}>
        <div className="flex flex-wrap items-end justify-between gap-4">
          <TabList aria-label="Period" className="mb-0">
            <Tab value="day">By day</Tab>
            <Tab value="month">By month</Tab>
          </TabList>
          <div className="w-40">
            <Field htmlFor="group-by" label="Rows are of">
              <Select
                id="group-by"
                value={groupBy}
                onChange={(event) => setGroupBy(event.target.value as GroupBy)}
              >
                <option value="tool">tools</option>
                <option value="key">API keys</option>
              </Select>
            </Field>
          </div>
        </div>
        <TabPanel value={by} className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-6">
          <QueryView query={usage} height="h-96">
            {(answer) => <Figures answer={answer} by={by} groupBy={groupBy} />}
          </QueryView>
        </TabPanel>
      </Tabs>
    </>
  );
}

type Sums = Omit<UsageRow, 'key_id' | 'period' | 'tool'>;
type Answer = { data: UsageRow[]; groups: Omit<UsageRow, 'period'>[]; total: Sums };

function Figures({ answer, by, groupBy }: { answer: Answer; by: By; groupBy: GroupBy }) {
  const { data, groups, total } = answer;
  const bars = by === 'day' ? lastDays(data, shownDays) : lastMonths(data, shownMonths);
  const { bytes_in, bytes_out, bytes_saved, calls, p50_ms, p95_ms, succeeded } = total;
  const label =
    by === 'day'
      ? `Calls of the last ${shownDays} days`
      : `Calls of the last ${shownMonths} months`;
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
      <Card>
        <h2 className="mb-3 text-sm font-medium">{label}</h2>
        <BarChart label={label} bars={bars} />
        <BarTable label={label} bars={bars} />
      </Card>
      <UsageTable groups={groups} groupBy={groupBy} />
    </>
  );
}

const inTime = (ms: number | null) => (ms === null ? '–' : `${ms.toLocaleString('en')} ms`);

function save(rows: UsageRow[], name: string): void {
  const url = URL.createObjectURL(new Blob([toCsv(rows)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
