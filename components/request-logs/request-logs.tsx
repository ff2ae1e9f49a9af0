'use client';

import type { ToolId } from '@nebula/contract/tools';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { emptyFilter, type LogFilter, LogFilters } from './log-filters.tsx';
import { LogTable } from './log-table.tsx';
import { type LogLine, LogWindow } from './log-window.tsx';
import type { ToolCall } from './tool-call.ts';

/** Every call of a tool, and what became of it. */
export function RequestLogs({ calls }: { calls: Partial<Record<string, ToolCall>> }) {
  const trpc = useTRPC();
  const [filter, setFilter] = useState<LogFilter>(emptyFilter);
  const [line, setLine] = useState<LogLine>();
  const { from, key_id, status_class, to, tool } = filter;
  const list = useInfiniteQuery(
    trpc.requestLogs.list.infiniteQueryOptions(
      {
        limit: 50,
        tool: tool || undefined,
        status_class: status_class || undefined,
        key_id: key_id || undefined,
        from: toMoment(from),
        to: toMoment(to),
      },
      { getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined },
    ),
  );
  return (
    <>
      <PageHeader title="Request logs">
        Every call of a tool in the last 30 days, refused ones too. What was sent is never kept.
      </PageHeader>
      <LogFilters filter={filter} tools={Object.keys(calls) as ToolId[]} onChange={setFilter} />
      <QueryView query={list} height="h-96">
        {({ pages }) => (
          <LogTable
            lines={pages.flatMap(({ data }) => data)}
            isFiltered={Object.values(filter).some(Boolean)}
            onOpen={setLine}
          />
        )}
      </QueryView>
      <LoadMore list={list} />
      <LogWindow line={line} call={line && calls[line.tool]} onClose={() => setLine(undefined)} />
    </>
  );
}

/** What the input of a moment has is in the reader's own zone. */
function toMoment(local: string): string | undefined {
  const moment = new Date(local);
  return local === '' || Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
