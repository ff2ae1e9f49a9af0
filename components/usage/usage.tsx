'use client';

import { type ToolId, toolIds } from '@nebula/contract/tools';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { SelectField } from '../ui/filters.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';
import { CycleCard } from './cycle-card.tsx';
import { daysUntil, monthsUntil, toCsv, type UsageRow } from './totals.ts';
import { type By, Figures, shownDays, shownMonths } from './usage-figures.tsx';
import type { GroupBy } from './usage-table.tsx';

/** The counters of the account by day or month, by tool or key, and of one tool or key alone. */
export function Usage() {
  const trpc = useTRPC();
  const [by, setBy] = useState<By>('day');
  const [groupBy, setGroupBy] = useState<GroupBy>('tool');
  const [tool, setTool] = useState<ToolId>();
  const [key, setKey] = useState<string>();
  const [from] =
    by === 'day' ? daysUntil(shownDays, Date.now()) : monthsUntil(shownMonths, new Date());
  const usage = useQuery(
    trpc.usage.list.queryOptions({ by, group_by: groupBy, from, tool, key_id: key }),
  );
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
          <search className="grid gap-4 max-sm:w-full sm:w-132 sm:grid-cols-3">
            <SelectField
              id="group-by"
              label="Rows are of"
              value={groupBy}
              onChange={setGroupBy}
              options={[
                ['tool', 'tools'],
                ['key', 'API keys'],
              ]}
            />
            <SelectField
              id="usage-tool"
              label="Only the tool"
              value={tool ?? ''}
              onChange={(id) => setTool(id || undefined)}
              options={[['', 'every tool'], ...toolIds]}
            />
            <KeySelect value={key} onChange={setKey} />
          </search>
        </div>
        <TabPanel value={by} className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-6">
          <QueryView query={usage} height="h-96">
            {({ groups, periods, total }) => (
              <Figures by={by} groupBy={groupBy} groups={groups} periods={periods} total={total} />
            )}
          </QueryView>
        </TabPanel>
      </Tabs>
    </>
  );
}

function KeySelect({
  onChange,
  value,
}: {
  onChange: (key: string | undefined) => void;
  value: string | undefined;
}) {
  const trpc = useTRPC();
  const keys = useQuery(trpc.apiKeys.list.queryOptions({}));
  return (
    <SelectField
      id="usage-key"
      label="Only the key"
      value={value ?? ''}
      onChange={(id) => onChange(id || undefined)}
      options={[
        ['', 'every key'],
        ['dashboard', 'the dashboard'],
        ...(keys.data?.data ?? []).map(({ id, name }) => [id, name] as const),
      ]}
    />
  );
}

function save(rows: UsageRow[], name: string): void {
  const url = URL.createObjectURL(new Blob([toCsv(rows)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
