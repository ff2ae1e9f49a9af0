import type { Job, JobStatus } from '@nebula/contract/job';
import { ListChecks } from 'lucide-react';
import Link from 'next/link';
import { Badge } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';

const tones = {
  queued: 'plain',
  processing: 'warn',
  succeeded: 'good',
  failed: 'bad',
  canceled: 'plain',
  expired: 'plain',
} as const satisfies Record<JobStatus, string>;

export function JobState({ status }: { status: JobStatus }) {
  return <Badge tone={tones[status]}>{status}</Badge>;
}

/** Jobs, the newest first; each leads to its own page. */
export function JobTable({ jobs }: { jobs: Job[] }) {
  if (jobs.length === 0)
    return (
      <EmptyState icon={ListChecks} title="No jobs yet">
        A call with <code className="font-mono text-xs">Prefer: respond-async</code> becomes a job:
        it goes on after the answer, and ends whatever happens.
      </EmptyState>
    );
  return (
    <Table label="Jobs">
      <Head columns={['Job', 'Tool', 'State', 'Begun', { name: 'Ran for', isFigure: true }]} />
      <tbody>
        {jobs.map(({ created_at, id, progress, status, timing, tool }) => (
          <Row key={id}>
            <Td className="font-mono text-xs">
              <Link href={`/dashboard/jobs/${id}`} className="text-accent underline">
                {id.slice(0, 18)}…
              </Link>
            </Td>
            <Td className="font-mono text-xs whitespace-nowrap">{tool}</Td>
            <Td className="whitespace-nowrap">
              <JobState status={status} />
              {status === 'processing' && (
                <span className="ml-2 text-xs text-soft">{Math.round(progress.percent)} %</span>
              )}
            </Td>
            <Td>
              <Time at={created_at} />
            </Td>
            <Td className="text-right tabular-nums">
              {timing ? `${Math.round(timing.run_ms)} ms` : '–'}
            </Td>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
