'use client';

import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useIsLive, useOwnEvent, useReconnect } from '../realtime/realtime.tsx';
import { useTRPC, useTRPCClient } from '../trpc.tsx';
import { useDelivered } from './use-delivered.ts';

const deafMilliseconds = 60_000;

/** The own conversations, kept up to date; what has come to this page is told to be delivered. */
export function useConversations() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const isLive = useIsLive();
  const [q, setQ] = useState('');
  const conversations = useInfiniteQuery(
    trpc.conversations.list.infiniteQueryOptions(
      { q: q.trim() || undefined },
      {
        getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
        placeholderData: keepPreviousData,
        refetchInterval: isLive ? false : deafMilliseconds,
      },
    ),
  );
  const refresh = () => void queries.invalidateQueries(trpc.conversations.pathFilter());
  useOwnEvent('message.created', refresh);
  useOwnEvent('message.read', refresh);
  useOwnEvent('conversation.assigned', refresh);
  useOwnEvent('conversation.closed', refresh);
  useOwnEvent('conversation.updated', refresh);
  useReconnect(refresh);
  const rows = conversations.data?.pages.flatMap(({ data }) => data) ?? [];
  useDelivered(rows, 'customer', (id, seq) =>
    client.conversations.mark.mutate({ id, mark: 'delivered', seq }),
  );
  return { conversations, q, setQ, unread: conversations.data?.pages[0]?.unread ?? 0 };
}

export type Conversations = ReturnType<typeof useConversations>;
