'use client';

import type { BatchWithItems } from '@nebula/contract/batch';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useLiveJobs } from '../jobs/use-live-jobs.ts';
import { useTRPC } from '../trpc.tsx';
import { Button, buttonStyles } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Progress } from '../ui/progress.tsx';
import { Stat } from '../ui/stat.tsx';
import { Time } from '../ui/time.tsx';
import { BatchItems } from './batch-items.tsx';
import { BatchState } from './batch-state.tsx';

/** One batch: what has become of each input, and all outputs as one file. */
export function BatchView({ id }: { id: string }) {
  const trpc = useTRPC();
  const lookEvery = useLiveJobs();
  const batch = useQuery(
    trpc.batches.get.queryOptions(
      { id },
      {
        refetchInterval: ({ state }) =>
          state.data?.status === 'processing' ? lookEvery(1_000) : false,
      },
    ),
  );
  return (
    <QueryView query={batch} height="h-96">
      {(data) => <BatchFacts batch={data} />}
    </QueryView>
  );
}

function BatchFacts({ batch }: { batch: BatchWithItems }) {
  const { counts, id, items, status, tag, tool, total } = batch;
  const ended = total - counts.open;
  return (
    <>
      <PageHeader title={`Batch of ${tool}`} actions={<BatchActions batch={batch} />}>
        <span className="font-mono text-xs break-all">{id}</span>
      </PageHeader>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 text-sm text-soft">
        <BatchState status={status} />
        {tag && <span>{tag}</span>}
        <span>
          begun <Time at={batch.created_at} />
        </span>
        {batch.finished_at && (
          <span>
            ended <Time at={batch.finished_at} />
          </span>
        )}
        {batch.expires_at && (
          <span>
            files are removed <Time at={batch.expires_at} />
          </span>
        )}
      </div>
      {status === 'processing' && (
        <Progress label={`${ended} of ${total} have ended,`} percent={(100 * ended) / total} />
      )}
      <div className="grid grid-cols-2 gap-4 xl:grid-cols-4">
        <Stat label="Wait or run">{counts.open}</Stat>
        <Stat label="Succeeded">{counts.succeeded}</Stat>
        <Stat label="Failed">{counts.failed}</Stat>
        <Stat label="Canceled">{counts.canceled}</Stat>
      </div>
      <BatchItems items={items} />
    </>
  );
}

function BatchActions({ batch: { archive, id, status } }: { batch: BatchWithItems }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const cancel = useMutation(
    trpc.batches.cancel.mutationOptions({
      onSuccess: () => cache.invalidateQueries({ queryKey: trpc.batches.pathKey() }),
    }),
  );
  return (
    <>
      {archive && (
        <a href={archive} download className={buttonStyles({})}>
          <Download className="size-4" aria-hidden /> Download ZIP
        </a>
      )}
      {status === 'processing' && (
        <Button kind="secondary" onClick={() => setAsking(true)}>
          Cancel the batch
        </Button>
      )}
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Cancel the batch?"
        action="Cancel the batch"
        dismiss="Go on"
        onConfirm={() => cancel.mutateAsync({ id })}
      >
        Jobs that wait or run are stopped, and their calls given back. What has ended stays.
      </Confirm>
    </>
  );
}
