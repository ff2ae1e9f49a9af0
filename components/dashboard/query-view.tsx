'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

/** What a query has given; its skeleton before, and what went wrong with a way to try again. */
export function QueryView<T>({
  children,
  height = 'h-48',
  query,
}: {
  children: (data: T) => ReactNode;
  /** Height of the skeleton, near to that of what comes. */
  height?: string;
  query: Pick<UseQueryResult<T, { message: string }>, 'data' | 'error' | 'refetch'>;
}) {
  if (query.data !== undefined) return children(query.data);
  if (!query.error) return <Skeleton className={height} />;
  return (
    <Alert kind="bad" className="flex flex-wrap items-center justify-between gap-3">
      {query.error.message}
      <Button kind="secondary" size="small" onClick={() => void query.refetch()}>
        Try again
      </Button>
    </Alert>
  );
}
