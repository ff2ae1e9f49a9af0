'use client';

import type { Job } from '@nebula/contract/job';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { PageHeader } from '../ui/page-header.tsx';
import { Progress } from '../ui/progress.tsx';
import { Row, Table, Td, Th } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';
import { describeProgress } from './describe-progress.ts';
import { JobState } from './job-table.tsx';
import { isOpen } from './jobs.tsx';
import { useLiveJobs } from './use-live-jobs.ts';

/** One job: how far it is, what it has made, and what went wrong. */
export function JobView({ id }: { id: string }) {
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
      {(data) => <JobFacts job={data} />}
    </QueryView>
  );
}

function JobFacts({ job }: { job: Job }) {
  const { error, files, id, input, options_effective, progress, status, timing, tool, warnings } =
    job;
  return (
    <>
      <PageHeader title={tool} actions={<JobActions job={job} />}>
        <span className="font-mono text-xs break-all">{id}</span>
      </PageHeader>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 text-sm text-soft">
        <JobState status={status} />
        <span>
          begun <Time at={job.created_at} />
        </span>
        {timing && <span>ran for {Math.round(timing.run_ms)} ms</span>}
        <span>{job.units === 1 ? '1 unit' : `${job.units} units`}</span>
        {job.expires_at && files.length > 0 && (
          <span>
            files are removed <Time at={job.expires_at} />
          </span>
        )}
      </div>
      {isOpen(job) && <Progress label={describeProgress(progress)} percent={progress.percent} />}
      {error && (
        <Alert kind="bad">
          <strong>{error.code}</strong>: {error.message}
        </Alert>
      )}
      {warnings.map(({ code, message }) => (
        <Alert key={code + message} kind="warn">
          <strong>{code}</strong>: {message}
        </Alert>
      ))}
      {files.length > 0 && <Outputs files={files} />}
      {input.files.length > 0 && (
        <Card>
          <h2 className="mb-2 text-sm font-medium">Input</h2>
          <ul className="grid gap-1 text-sm text-soft">
            {input.files.map(({ filename, size }) => (
              <li key={filename} className="break-all">
                {filename}, {formatBytes(size)}
              </li>
            ))}
          </ul>
        </Card>
      )}
      <section className="grid gap-2">
        <h2 className="text-sm font-medium">Options in force</h2>
        <CodeBlock label="options" code={JSON.stringify(options_effective, null, 2)} />
      </section>
    </>
  );
}

function Outputs({ files }: { files: Job['files'] }) {
  return (
    <>
      <Table label="Files">
        <thead>
          <tr>
            <Th>File</Th>
            <Th>Type</Th>
            <Th className="text-right">Size</Th>
            <Th className="text-right">Measures</Th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <Row key={file.id}>
              <Td>
                <a href={file.url} className="break-all text-accent underline">
                  {file.filename}
                </a>
              </Td>
              <Td className="font-mono text-xs">{file.mime}</Td>
              <Td className="text-right tabular-nums">{formatBytes(file.size)}</Td>
              <Td className="text-right tabular-nums">{measuresOf(file)}</Td>
            </Row>
          ))}
        </tbody>
      </Table>
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        {files
          .filter(({ mime }) => mime.startsWith('image/'))
          .slice(0, 8)
          .map(({ filename, id, url }) => (
            // biome-ignore lint/performance/noImgElement: the store sends the file itself.
            <img
              key={id}
              src={url}
              alt={filename}
              loading="lazy"
              className="max-h-48 w-full rounded-xl border bg-raised object-contain"
            />
          ))}
      </div>
    </>
  );
}

function measuresOf({ duration, height, pages, width }: Job['files'][number]): string {
  if (width && height) return `${width} × ${height}`;
  if (pages) return pages === 1 ? '1 page' : `${pages} pages`;
  return duration ? `${duration.toFixed(1)} s` : '–';
}

function JobActions({ job }: { job: Job }) {
  const trpc = useTRPC();
  const router = useRouter();
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const refresh = () => cache.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
  const onError = ({ message }: { message: string }) => void toast.error(message);
  const cancel = useMutation(trpc.jobs.cancel.mutationOptions({ onSuccess: refresh, onError }));
  const remove = useMutation(trpc.jobs.delete.mutationOptions({ onSuccess: refresh }));
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
        <Button kind="secondary" disabled={cancel.isPending} onClick={() => cancel.mutate({ id })}>
          Cancel
        </Button>
      )}
      {(status === 'failed' || status === 'canceled') && (
        <Button disabled={retry.isPending} onClick={() => retry.mutate({ id })}>
          Retry
        </Button>
      )}
      <Button kind="secondary" onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Delete the job?"
        action="Delete"
        onConfirm={async () => {
          await remove.mutateAsync({ id });
          router.push('/dashboard/jobs');
        }}
      >
        The job and all its files are removed now, and cannot be brought back.
      </Confirm>
    </>
  );
}
