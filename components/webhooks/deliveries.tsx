'use client';

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Row, Table, Td, Th } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';

type Delivery = {
  id: string;
  type: string;
  state: string;
  payload: string;
  attempts: { at: string; status: number | null; error: string | null; latency_ms: number }[];
  next_attempt_at: string | null;
  created_at: string;
};

/** What was sent, what was answered, and a way to send it again. */
export function Deliveries() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [shown, setShown] = useState<Delivery>();
  const list = useInfiniteQuery(
    trpc.webhookDeliveries.list.infiniteQueryOptions(
      { limit: 20 },
      {
        getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
        refetchInterval: 5_000,
      },
    ),
  );
  const replay = useMutation(
    trpc.webhookDeliveries.replay.mutationOptions({
      onSuccess: () => {
        toast.success('It is sent again.');
        return cache.invalidateQueries({ queryKey: trpc.webhookDeliveries.pathKey() });
      },
      onError: ({ message }) => void toast.error(message),
    }),
  );
  return (
    <section className="grid gap-3">
      <h2 className="font-semibold">Deliveries</h2>
      <QueryView query={list}>
        {({ pages }) => {
          const rows = pages.flatMap(({ data }) => data);
          if (rows.length === 0)
            return <p className="text-sm text-soft">Nothing has been sent yet.</p>;
          return (
            <Table label="Deliveries">
              <thead>
                <tr>
                  <Th>Event</Th>
                  <Th>State</Th>
                  <Th>Last answer</Th>
                  <Th>When</Th>
                  <Th>
                    <span className="sr-only">Actions</span>
                  </Th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => {
                  const last = row.attempts.at(-1);
                  return (
                    <Row key={row.id}>
                      <Td className="font-mono text-xs">{row.type}</Td>
                      <Td>
                        <Badge tone={toneOf(row.state)}>{row.state}</Badge>
                      </Td>
                      <Td className="text-xs">
                        {last
                          ? `${last.status ?? last.error}, ${Math.round(last.latency_ms)} ms`
                          : '–'}
                      </Td>
                      <Td>
                        <Time at={row.created_at} />
                      </Td>
                      <Td className="text-right whitespace-nowrap">
                        <Button kind="ghost" size="small" onClick={() => setShown(row)}>
                          Show
                        </Button>
                        <Button
                          kind="secondary"
                          size="small"
                          disabled={replay.isPending}
                          onClick={() => replay.mutate({ id: row.id })}
                        >
                          Replay
                        </Button>
                      </Td>
                    </Row>
                  );
                })}
              </tbody>
            </Table>
          );
        }}
      </QueryView>
      <LoadMore list={list} />
      <Dialog
        open={shown !== undefined}
        onOpenChange={(open) => !open && setShown(undefined)}
        title={shown?.type ?? ''}
        description={shown?.id}
      >
        {shown && (
          <div className="grid gap-3 text-sm">
            <ol className="grid gap-1">
              {shown.attempts.map(({ at, error, latency_ms, status }) => (
                <li key={at} className="flex justify-between gap-4">
                  <Time at={at} />
                  <span className="tabular-nums">
                    {status ?? error}, {Math.round(latency_ms)} ms
                  </span>
                </li>
              ))}
              {shown.next_attempt_at && (
                <li className="text-soft">
                  next try <Time at={shown.next_attempt_at} />
                </li>
              )}
            </ol>
            <CodeBlock label="payload" code={pretty(shown.payload)} />
          </div>
        )}
      </Dialog>
    </section>
  );
}

function toneOf(state: string): 'good' | 'bad' | 'plain' {
  if (state === 'succeeded') return 'good';
  return state === 'failed' ? 'bad' : 'plain';
}

const pretty = (json: string) => JSON.stringify(JSON.parse(json), null, 2);
