'use client';

import { adminSupportChannel } from '@nebula/contract/realtime';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useChannelEvent, useReconnect } from '../realtime/realtime.tsx';
import { useTRPC, useTRPCClient } from '../trpc.tsx';

const sayMilliseconds = 30_000;

/** Who of the support has the inbox open; whoever looks is one of them. */
export function OperatorsHere({ operatorId }: { operatorId: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const operators = useQuery({
    ...trpc.operators.list.queryOptions(),
    // Who leaves without a word is told of by nobody.
    refetchInterval: sayMilliseconds,
  });
  const refresh = () => void queries.invalidateQueries(trpc.operators.pathFilter());
  const { mutate } = useMutation(trpc.operators.mark.mutationOptions({ onSuccess: refresh }));
  useChannelEvent(adminSupportChannel, 'admin.presence', refresh);
  useReconnect(refresh, adminSupportChannel);
  useEffect(() => {
    const say = () => mutate({ is_here: true });
    say();
    const timer = setInterval(say, sayMilliseconds);
    return () => {
      clearInterval(timer);
      client.operators.mark.mutate({ is_here: false }).catch(() => {});
    };
  }, [client, mutate]);
  const names = (operators.data?.data ?? []).map(({ id, name }) =>
    id === operatorId ? 'you' : name,
  );
  return (
    <p role="status" className="text-sm text-soft">
      {names.length > 0 && `Here now: ${names.join(', ')}`}
    </p>
  );
}
