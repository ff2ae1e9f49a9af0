'use client';

import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Field, Select } from '../ui/field.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Tab, TabList, TabPanel, Tabs } from '../ui/tabs.tsx';
import { CycleCard } from './cycle-card.tsx';
import { daysUntil, monthsUntil, toCsv, type UsageRow } from './totals.ts';
import { type By, Figures, shownDays, shownMonths } from './usage-figures.tsx';
import { type GroupBy, useKeyNames } from './usage-table.tsx';

/** The counters of the account by day or month, and by tool or key. */
export function Usage() {
  const trpc = useTRPC();
  const [by, setBy] = useState<By>('day');
  const [groupBy, setGroupBy] = useState<GroupBy>('tool');
  const [from] =
    by === 'day' ? daysUntil(shownDays, Date.now()) : monthsUntil(shownMonths, new Date());
  const usage = useQuery(trpc.usage.list.queryOptions({ by, group_by: groupBy, from }));
  const [only, setOnly] = useState('');
  const changePeriod = (next: string) => {
    setBy(next as By);
    // What has run in one period may not have in the other.
    setOnly('');
  };
  const nameOf = useKeyNames(groupBy === 'key');
  const rows = (usage.data?.data ?? []).filter((row) => fits(row, only));
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
      <Tabs value={by} onValueChange={changePeriod}>
        <div className="flex flex-wrap items-end justify-between gap-4">
          <TabList aria-label="Period" className="mb-0">
            <Tab value="day">By day</Tab>
            <Tab value="month">By month</Tab>
          </TabList>
          <search className="grid grid-cols-2 gap-4 max-sm:w-full sm:w-88">
            <Field htmlFor="group-by" label="Rows are of">
              <Select
                id="group-by"
                value={groupBy}
                onChange={(event) => {
                  setGroupBy(event.target.value as GroupBy);
                  setOnly('');
                }}
              >
                <option value="tool">tools</option>
                <option value="key">API keys</option>
              </Select>
            </Field>
            <Field htmlFor="usage-only" label="Only">
              <Select
                id="usage-only"
                value={only}
                onChange={(event) => setOnly(event.target.value)}
              >
                <option value="">{groupBy === 'tool' ? 'every tool' : 'every key'}</option>
                {usage.data?.groups.map((group) => (
                  <option key={nameIn(group)} value={nameIn(group)}>
                    {group.tool ?? nameOf(group.key_id)}
                  </option>
                ))}
              </Select>
            </Field>
          </search>
        </div>
        <TabPanel value={by} className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-6">
          <QueryView query={usage} height="h-96">
            {({ groups, total }) => {
              const shown = groups.filter((group) => fits(group, only));
              const sums = only === '' ? total : (shown[0] ?? total);
              return <Figures by={by} groupBy={groupBy} groups={shown} rows={rows} total={sums} />;
            }}
          </QueryView>
        </TabPanel>
      </Tabs>
    </>
  );
}

type Group = Pick<UsageRow, 'key_id' | 'tool'>;

/** Of neither a tool nor a key are the calls from the dashboard. */
const nameIn = ({ key_id, tool }: Group): string => tool ?? key_id ?? 'dashboard';

const fits = (group: Group, only: string): boolean => only === '' || nameIn(group) === only;

function save(rows: UsageRow[], name: string): void {
  const url = URL.createObjectURL(new Blob([toCsv(rows)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
