'use client';

import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import type { ToolForm } from '../playground/tool-form.ts';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { DeletePipeline } from './delete-pipeline.tsx';
import { type Pipeline, PipelineEditor } from './pipeline-editor.tsx';
import { RunDialog } from './run-dialog.tsx';

/** A pipeline that there is: changed, run or deleted. */
export function SavedPipeline({ id, tools }: { id: string; tools: ToolForm[] }) {
  const trpc = useTRPC();
  const pipeline = useQuery(
    // Somebody may be writing: what they see changes only by their own hand.
    trpc.pipelines.get.queryOptions({ id }, { refetchOnWindowFocus: false }),
  );
  return (
    <QueryView query={pipeline} height="h-96">
      {(data) => (
        <PipelineEditor
          pipeline={data}
          tools={tools}
          actions={<PipelineActions pipeline={data} tools={tools} />}
        />
      )}
    </QueryView>
  );
}

function PipelineActions({ pipeline, tools }: { pipeline: Pipeline; tools: ToolForm[] }) {
  const router = useRouter();
  const [asks, setAsks] = useState<'delete' | 'run'>();
  const close = () => setAsks(undefined);
  const runTools = tools.map(({ fields, id }) => ({ id, takes: Object.keys(fields) }));
  return (
    <>
      <Button kind="secondary" onClick={() => setAsks('delete')}>
        Delete
      </Button>
      <Button kind="secondary" onClick={() => setAsks('run')}>
        Run
      </Button>
      <RunDialog
        pipeline={asks === 'run' ? pipeline : undefined}
        tools={runTools}
        onClose={close}
      />
      <DeletePipeline
        pipeline={asks === 'delete' ? pipeline : undefined}
        onClose={close}
        onDeleted={() => router.push('/dashboard/pipelines')}
      />
    </>
  );
}
