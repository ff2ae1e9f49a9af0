'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useOwnEvent, useReconnect } from '../realtime/realtime.tsx';
import { useTRPC } from '../trpc.tsx';

/** What every page shows of plan and usage is fetched again when it has changed elsewhere. */
export function LiveAccount() {
  const router = useRouter();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const refresh = () => {
    void queries.invalidateQueries(trpc.usage.pathFilter());
    void queries.invalidateQueries(trpc.billing.pathFilter());
  };
  useOwnEvent('usage.threshold', refresh);
  useOwnEvent('subscription.updated', () => {
    refresh();
    // The plan beside the name comes with the page.
    router.refresh();
  });
  useReconnect(refresh);
  return null;
}
