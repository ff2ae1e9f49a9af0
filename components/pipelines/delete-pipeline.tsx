'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '../trpc.tsx';
import { Confirm } from '../ui/confirm.tsx';

/** Asks before a pipeline goes; undefined asks nothing. */
export function DeletePipeline({
  onClose,
  onDeleted,
  pipeline,
}: {
  onClose: () => void;
  onDeleted?: () => void;
  pipeline?: { id: string; name: string };
}) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const remove = useMutation(trpc.pipelines.delete.mutationOptions());
  return (
    <Confirm
      open={pipeline !== undefined}
      onOpenChange={onClose}
      title={`Delete ${pipeline?.name ?? ''}?`}
      action="Delete"
      onConfirm={async () => {
        if (pipeline) await remove.mutateAsync({ id: pipeline.id });
        onDeleted?.();
        await cache.invalidateQueries({ queryKey: trpc.pipelines.list.pathKey() });
      }}
    >
      Programs that run it by its id are refused from now on. Jobs that it has begun go on.
    </Confirm>
  );
}
