'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { JobTable } from '../jobs/job-table.tsx';
import { useLiveJobs } from '../jobs/use-live-jobs.ts';
import { LatestKeys } from '../keys/latest-keys.tsx';
import { useTRPC } from '../trpc.tsx';
import { BarChart } from '../ui/bar-chart.tsx';
import { ButtonLink } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Ring } from '../ui/ring.tsx';
import { Stat } from '../ui/stat.tsx';
import { Time } from '../ui/time.tsx';
import { inShare, inTime, lastDays } from '../usage/totals.ts';
import { QueryView } from './query-view.tsx';

/** Where the account stands, and the next thing to do. */
export function Overview() {
  const trpc = useTRPC();
  useLiveJobs({ withUsage: true });
  const quota = useQuery(trpc.usage.quota.queryOptions({}));
  const usage = useQuery(trpc.usage.list.queryOptions({ by: 'day' }));
  const jobs = useQuery(trpc.jobs.list.queryOptions({ limit: 5 }));
  return (
    <>
      <PageHeader
        title="Overview"
        actions={<ButtonLink href="/dashboard/keys">Make an API key</ButtonLink>}
      >
        What is left of this cycle, and what has run.
      </PageHeader>
      <div className="grid gap-4 xl:grid-cols-[22rem_minmax(0,1fr)]">
        <Card className="flex items-center gap-5">
          <QueryView query={quota} height="h-32 w-full">
            {({ limit, remaining, resets_at }) => (
              <>
                <Ring
                  label="Share of the calls that is used"
                  part={limit - remaining}
                  whole={limit}
                />
                <div className="grid gap-1 text-sm">
                  <p className="text-2xl font-semibold tabular-nums">
                    {remaining.toLocaleString('en')}
                  </p>
                  <p className="text-soft">of {limit.toLocaleString('en')} calls left</p>
                  <p className="text-xs text-faint">
                    begins anew <Time at={resets_at} />
                  </p>
                </div>
              </>
            )}
          </QueryView>
        </Card>
        <Card>
          <h2 className="mb-3 text-sm font-medium">Calls by day</h2>
          <QueryView query={usage}>
            {({ periods }) => <BarChart label="Calls by day" bars={lastDays(periods, 14)} />}
          </QueryView>
        </Card>
      </div>
      <QueryView query={usage} height="h-24">
        {({ total }) => (
          <div className="grid gap-4 sm:grid-cols-3">
            <Stat label="Calls in all">{total.calls.toLocaleString('en')}</Stat>
            <Stat label="Succeeded">{inShare(total)}</Stat>
            <Stat label="Half take no longer" note={`95 % within ${inTime(total.p95_ms)}`}>
              {inTime(total.p50_ms)}
            </Stat>
          </div>
        )}
      </QueryView>
      <section className="grid gap-3">
        <div className="flex items-baseline justify-between">
          <h2 className="font-semibold">Latest jobs</h2>
          <Link href="/dashboard/jobs" className="text-sm text-accent underline">
            All jobs
          </Link>
        </div>
        <QueryView query={jobs}>{({ data }) => <JobTable jobs={data} />}</QueryView>
      </section>
      <LatestKeys />
      <section className="grid gap-3">
        <h2 className="font-semibold">A first call</h2>
        <CodeBlock label="cURL" code={firstCall} />
      </section>
    </>
  );
}

const firstCall = `curl -X POST "$NEBULA_URL/api/v1/tools/html-to-pdf" \\
  -H "Authorization: Bearer $NEBULA_KEY" \\
  -F 'html=<h1>Hello</h1>' -o hello.pdf`;
