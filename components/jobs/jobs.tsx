'use client';

import { type JobStatus, jobStatuses } from '@nebula/contract/job';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { SelectField } from '../ui/filters.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { JobTable } from './job-table.tsx';
import { useLiveJobs } from './use-live-jobs.ts';

const openMilliseconds = 2_000;

/** Every job of the account, as it is told; untold, it looks again while one of them is at work. */
export function Jobs() {
  const trpc = useTRPC();
  const [status, setStatus] = useState<JobStatus | ''>('');
  const lookEvery = useLiveJobs();
  const list = useInfiniteQuery(
    trpc.jobs.list.infiniteQueryOptions(
      { limit: 20, status: status || undefined },
      {
        getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
        refetchInterval: ({ state }) => {
          const jobs = state.data?.pages.flatMap(({ data }) => data) ?? [];
          return jobs.some(isOpen) ? lookEvery(openMilliseconds) : false;
        },
      },
    ),
  );
  return (
    <>
      <PageHeader title="Jobs">
        Runs that go on after the answer. Files are kept for as long as your plan says.
      </PageHeader>
      <div className="w-48">
        <SelectField
          id="status"
          label="State"
          value={status}
          onChange={setStatus}
          options={[['', 'every state'], ...jobStatuses]}
        />
      </div>
      <QueryView query={list}>
        {({ pages }) => <JobTable jobs={pages.flatMap(({ data }) => data)} />}
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}

export const isOpen = ({ status }: { status: JobStatus }) =>
  status === 'queued' || status === 'processing';
