'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useOwnEvent, useReconnect } from '../realtime/realtime.tsx';
import { useTRPC } from '../trpc.tsx';

/** Keeps what is shown of notifications up to date while the page is open. */
export function useLiveInbox(): void {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const refetch = () => void cache.invalidateQueries({ queryKey: trpc.notifications.pathKey() });
  useOwnEvent('notification.created', refetch);
  useOwnEvent('notification.read', refetch);
  useReconnect(refetch);
}
