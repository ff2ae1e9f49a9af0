'use client';

import type { Batch } from '@nebula/contract/batch';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Layers } from 'lucide-react';
import Link from 'next/link';
import { QueryView } from '../dashboard/query-view.tsx';
import { useLiveJobs } from '../jobs/use-live-jobs.ts';
import { useTRPC } from '../trpc.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { BatchState } from './batch-state.tsx';

const openMilliseconds = 2_000;

/** Every batch of the account, the newest first; each leads to its own page. */
export function Batches() {
  const trpc = useTRPC();
  const lookEvery = useLiveJobs();
  const list = useInfiniteQuery(
    trpc.batches.list.infiniteQueryOptions(
      { limit: 20 },
      {
        getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
        refetchInterval: ({ state }) => {
          const batches = state.data?.pages.flatMap(({ data }) => data) ?? [];
          const isOpen = batches.some(({ status }) => status === 'processing');
          return isOpen ? lookEvery(openMilliseconds) : false;
        },
      },
    ),
  );
  return (
    <>
      <PageHeader title="Batches">
        One tool over many files. Each input is a job of its own, and all outputs come as one ZIP.
      </PageHeader>
      <QueryView query={list}>
        {({ pages }) => <BatchTable batches={pages.flatMap(({ data }) => data)} />}
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}

function BatchTable({ batches }: { batches: Batch[] }) {
  if (batches.length === 0)
    return (
      <EmptyState icon={Layers} title="No batches yet">
        <code className="font-mono text-xs">POST /batches</code> with a tool and up to 100{' '}
        <code className="font-mono text-xs">file_ids</code> or{' '}
        <code className="font-mono text-xs">urls</code> begins one;{' '}
        <Link href="/docs/api" className="text-accent underline">
          the reference
        </Link>{' '}
        has its fields.
      </EmptyState>
    );
  return (
    <Table label="Batches">
      <Head
        columns={[
          'Batch',
          'Tool',
          'State',
          { name: 'Done', isFigure: true },
          { name: 'Failed', isFigure: true },
          'Begun',
        ]}
      />
      <tbody>
        {batches.map(({ counts, created_at, id, status, tag, tool, total }) => (
          <Row key={id} className="whitespace-nowrap">
            <Td className="font-mono text-xs">
              <Link href={`/dashboard/batches/${id}`} className="text-accent underline">
                {id.slice(0, 18)}…
              </Link>
              {tag && <span className="block font-sans text-faint">{tag}</span>}
            </Td>
            <Td className="font-mono text-xs">{tool}</Td>
            <Td>
              <BatchState status={status} />
            </Td>
            <Td className="text-right tabular-nums">
              {total - counts.open} of {total}
            </Td>
            <Td className="text-right tabular-nums">{counts.failed}</Td>
            <Td>
              <Time at={created_at} />
            </Td>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
