'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge } from '../ui/card.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';

/** Where the account is signed in; each can be ended. */
export function Sessions() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const sessions = useQuery(trpc.me.listSessions.queryOptions({}));
  const end = useMutation(
    trpc.me.endSession.mutationOptions({
      onSuccess: ({ message }) => {
        toast.success(message);
        return cache.invalidateQueries({ queryKey: trpc.me.listSessions.pathKey() });
      },
      onError: ({ message }) => void toast.error(message),
    }),
  );
  return (
    <section className="grid gap-3" id="sessions">
      <h2 className="font-semibold">Sessions</h2>
      <QueryView query={sessions}>
        {({ data }) => (
          <Table label="Sessions">
            <Head columns={['Device', 'From', 'Last used', { name: 'Actions', isHidden: true }]} />
            <tbody>
              {data.map(({ address, device, id, is_current, kind, last_used_at }) => (
                <Row key={id}>
                  <Td>
                    {device}{' '}
                    {is_current ? (
                      <Badge tone="good">here</Badge>
                    ) : (
                      kind === 'token' && <Badge>API</Badge>
                    )}
                  </Td>
                  <Td className="font-mono text-xs">{address}</Td>
                  <Td>
                    <Time at={last_used_at} />
                  </Td>
                  <Td className="text-right">
                    {!is_current && (
                      <Button
                        kind="secondary"
                        size="small"
                        disabled={end.isPending}
                        onClick={() => end.mutate({ id })}
                      >
                        End
                      </Button>
                    )}
                  </Td>
                </Row>
              ))}
            </tbody>
          </Table>
        )}
      </QueryView>
    </section>
  );
}
