'use client';

import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, type TRPCLink } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import type { AppRouter } from '#server/router.ts';
import { toast } from './ui/toast.tsx';

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

export { useTRPC, useTRPCClient };

/** Gives the pages below it the procedures of the server, typed. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [withoutDirection, httpBatchLink({ url: '/api/trpc', maxItems: 10 })],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}

/** Pages of a list go one way; the procedures take no other word than their own. */
const withoutDirection: TRPCLink<AppRouter> =
  () =>
  ({ next, op }) => {
    const { direction: _direction, ...input } = (op.input ?? {}) as Record<string, unknown>;
    return next({ ...op, input: op.input === undefined ? undefined : input });
  };

/** Only what may get better by itself is tried again. */
function makeQueryClient(): QueryClient {
  const retry = (count: number, error: unknown) => count < 2 && !(statusOf(error) < 500);
  const queryCache = new QueryCache({
    // Without data the page itself shows the error; with old data nobody would see it.
    onError: ({ message }, { queryHash, state }) => {
      if (state.data !== undefined) toast.error(`Not up to date: ${message}`, { id: queryHash });
    },
  });
  return new QueryClient({
    queryCache,
    defaultOptions: { queries: { staleTime: 10_000, retry } },
  });
}

function statusOf(error: unknown): number {
  const { data } = error as { data?: { httpStatus?: number } };
  return data?.httpStatus ?? 500;
}
