'use client';

import type { Job } from '@nebula/contract/job';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Progress } from '../ui/progress.tsx';
import { toast } from '../ui/toast.tsx';
import { describeProgress } from './describe-progress.ts';
import { type JobCall, JobCode, StepsCode } from './job-code.tsx';
import { JobDeliveries } from './job-deliveries.tsx';
import { JobInputs } from './job-inputs.tsx';
import { JobOutputs } from './job-outputs.tsx';
import { JobState } from './job-table.tsx';
import { JobSteps, JobTimeline, Section } from './job-timeline.tsx';
import { isOpen } from './jobs.tsx';
import { useLiveJobs } from './use-live-jobs.ts';

/** One job: how far it is, what it has made, and what went wrong. */
export function JobView({ calls, id }: { calls: Record<string, JobCall>; id: string }) {
  const trpc = useTRPC();
  const lookEvery = useLiveJobs();
  const job = useQuery(
    trpc.jobs.get.queryOptions(
      { id },
      {
        refetchInterval: ({ state }) =>
          state.data && isOpen(state.data) ? lookEvery(1_000) : false,
      },
    ),
  );
  return (
    <QueryView query={job} height="h-96">
      {(data) => <JobFacts job={data} calls={calls} />}
    </QueryView>
  );
}

function JobFacts({ calls, job }: { calls: Record<string, JobCall>; job: Job }) {
  const { error, files, id, input, options_effective, progress, status, steps, tool, warnings } =
    job;
  const call = calls[tool];
  return (
    <>
      <PageHeader title={tool} actions={<JobActions job={job} />}>
        <span className="font-mono text-xs break-all">{id}</span>
      </PageHeader>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 text-sm text-soft">
        <JobState status={status} />
        <span>{job.units === 1 ? '1 unit' : `${job.units} units`}</span>
        {job.batch_id && (
          <Link href={`/dashboard/batches/${job.batch_id}`} className="text-accent underline">
            its batch
          </Link>
        )}
      </div>
      {isOpen(job) && <Progress label={describeProgress(progress)} percent={progress.percent} />}
      <JobTimeline job={job} />
      {error && (
        <Alert kind="bad">
          <Link href={`/docs/errors#${error.code}`} className="font-mono text-xs underline">
            {error.code}
          </Link>{' '}
          {error.message}
        </Alert>
      )}
      {warnings.map(({ code, message }) => (
        <Alert key={code + message} kind="warn">
          <Link href={`/docs/errors#warning-${code}`} className="font-mono text-xs underline">
            {code}
          </Link>{' '}
          {message}
        </Alert>
      ))}
      {steps && <JobSteps steps={steps} />}
      {files.length > 0 && <JobOutputs id={id} files={files} />}
      {input.files.length > 0 && <JobInputs id={id} files={input.files} />}
      <Section title="Options in force">
        <CodeBlock label="options" code={JSON.stringify(options_effective, null, 2)} />
      </Section>
      {call && !steps && <JobCode call={call} job={job} />}
      {steps && <StepsCode calls={calls} steps={steps} />}
      {!isOpen(job) && <JobDeliveries id={id} />}
    </>
  );
}

function JobActions({ job }: { job: Job }) {
  const trpc = useTRPC();
  const router = useRouter();
  const cache = useQueryClient();
  const [asks, setAsks] = useState<'cancel' | 'delete'>();
  const close = () => setAsks(undefined);
  const refresh = () => cache.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
  const onError = ({ message }: { message: string }) => void toast.error(message);
  const cancel = useMutation(trpc.jobs.cancel.mutationOptions({ onSuccess: refresh }));
  const remove = useMutation(trpc.jobs.delete.mutationOptions());
  const retry = useMutation(
    trpc.jobs.retry.mutationOptions({
      onError,
      onSuccess: ({ id }) => router.push(`/dashboard/jobs/${id}`),
    }),
  );
  const { id, status } = job;
  return (
    <>
      {isOpen(job) && (
        <Button kind="secondary" onClick={() => setAsks('cancel')}>
          Cancel
        </Button>
      )}
      {(status === 'failed' || status === 'canceled') && (
        <Button disabled={retry.isPending} onClick={() => retry.mutate({ id })}>
          Retry
        </Button>
      )}
      <Button kind="secondary" onClick={() => setAsks('delete')}>
        Delete
      </Button>
      <Confirm
        open={asks === 'cancel'}
        onOpenChange={close}
        title="Cancel the job?"
        action="Cancel the job"
        dismiss="Go on"
        onConfirm={() => cancel.mutateAsync({ id })}
      >
        It is stopped where it is, and its call given back. It can be retried later.
      </Confirm>
      <Confirm
        open={asks === 'delete'}
        onOpenChange={close}
        title="Delete the job?"
        action="Delete"
        onConfirm={async () => {
          await remove.mutateAsync({ id });
          router.push('/dashboard/jobs');
          // The job itself is asked for no more: it is gone.
          await cache.invalidateQueries({ queryKey: trpc.jobs.list.pathKey() });
        }}
      >
        The job and all its files are removed now, and cannot be brought back.
      </Confirm>
    </>
  );
}
