import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useIsLive, useOwnEvent, useReconnect } from '../realtime/realtime.tsx';
import { useTRPC } from '../trpc.tsx';

/** Many events in one moment are one look at the API. */
const gatherMilliseconds = 250;

/** What a page asks for while a job is at work, though it is told of every change. */
const calmMilliseconds = 15_000;

/**
 * Fetches the jobs, and the batches that they belong to, again when the account is told of a change.
 *
 * @param withUsage whether the page shows what the jobs have cost too
 * @returns how often to ask while a job is at work, given how often a page would that is not told
 */
export function useLiveJobs({ withUsage = false } = {}): (otherwise: number) => number {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  const isLive = useIsLive();

  const look = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void cache.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
      void cache.invalidateQueries({ queryKey: trpc.batches.pathKey() });
      if (withUsage) void cache.invalidateQueries({ queryKey: trpc.usage.pathKey() });
    }, gatherMilliseconds);
  };
  useOwnEvent('job.created', look);
  useOwnEvent('job.updated', look);
  useOwnEvent('job.finished', look);
  useOwnEvent('job.failed', look);
  useReconnect(look);
  return (otherwise) => (isLive ? Math.max(otherwise, calmMilliseconds) : otherwise);
}
