'use client';

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';
import {
  type DeliveryFilter,
  DeliveryFilters,
  emptyFilter,
  isEmptyFilter,
} from './delivery-filters.tsx';
import { answerOf, type Delivery, DeliveryState } from './delivery-state.tsx';
import { DeliveryWindow } from './delivery-window.tsx';

type Endpoint = { id: string; url: string };

/** What was sent, what was answered, and a way to send it again. */
export function Deliveries({ endpoints }: { endpoints: Endpoint[] }) {
  const trpc = useTRPC();
  const [filter, setFilter] = useState(emptyFilter);
  const [shownId, setShownId] = useState<string>();
  const list = useInfiniteQuery(
    trpc.webhookDeliveries.list.infiniteQueryOptions(
      { limit: 20, ...wishOf(filter) },
      {
        getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
        refetchInterval: 5_000,
      },
    ),
  );
  const replay = useReplay();
  const rows: Delivery[] = list.data?.pages.flatMap(({ data }) => data) ?? [];
  const urlOf = ({ endpoint_id, url }: Delivery) =>
    url ?? endpoints.find(({ id }) => id === endpoint_id)?.url;
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <h2 className="font-semibold">Deliveries</h2>
      <DeliveryFilters endpoints={endpoints} filter={filter} onChange={setFilter} />
      <QueryView query={list}>
        {() =>
          rows.length === 0 ? (
            <NoDeliveries isFiltered={!isEmptyFilter(filter)} />
          ) : (
            <DeliveryTable
              rows={rows}
              urlOf={urlOf}
              onShow={setShownId}
              isBusy={replay.isPending}
              onReplay={(id) => replay.mutate({ id })}
            />
          )
        }
      </QueryView>
      <LoadMore list={list} />
      <DeliveryWindow
        delivery={rows.find(({ id }) => id === shownId)}
        urlOf={urlOf}
        onClose={() => setShownId(undefined)}
        isBusy={replay.isPending}
        onReplay={(id) => replay.mutate({ id })}
      />
    </section>
  );
}

const wishOf = ({ endpoint, state, type }: DeliveryFilter) => ({
  endpoint_id: endpoint || undefined,
  state: state || undefined,
  type: type || undefined,
});

function useReplay() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  return useMutation(
    trpc.webhookDeliveries.replay.mutationOptions({
      onSuccess: () => {
        toast.success('It is sent again.');
        return cache.invalidateQueries({ queryKey: trpc.webhookDeliveries.pathKey() });
      },
      onError: ({ message }) => void toast.error(message),
    }),
  );
}

function NoDeliveries({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState icon={Send} title="No such deliveries">
      Nothing of the last 30 days fits what you have chosen.
    </EmptyState>
  ) : (
    <EmptyState icon={Send} title="Nothing has been sent yet">
      Each event is here for 30 days, with every attempt and what your server answered.
    </EmptyState>
  );
}

function DeliveryTable({
  isBusy,
  onReplay,
  onShow,
  rows,
  urlOf,
}: {
  isBusy: boolean;
  onReplay: (id: string) => void;
  onShow: (id: string) => void;
  rows: Delivery[];
  urlOf: (delivery: Delivery) => string | undefined;
}) {
  return (
    <Table label="Deliveries">
      <Head
        columns={['Event', 'State', 'Last answer', 'When', { name: 'Actions', isHidden: true }]}
      />
      <tbody>
        {rows.map((row) => {
          const last = row.attempts.at(-1);
          return (
            <Row key={row.id}>
              <Td>
                <span className="font-mono text-xs">{row.type}</span>
                <span className="block max-w-64 truncate text-xs text-faint">
                  {urlOf(row) ?? 'an endpoint that was deleted'}
                </span>
              </Td>
              <Td>
                <DeliveryState delivery={row} />
              </Td>
              <Td className="text-xs whitespace-nowrap tabular-nums">
                {last ? answerOf(last) : '–'}
              </Td>
              <Td>
                <Time at={row.created_at} />
              </Td>
              <Td className="text-right whitespace-nowrap">
                <Button kind="ghost" size="small" onClick={() => onShow(row.id)}>
                  Show
                </Button>
                <Button
                  kind="secondary"
                  size="small"
                  disabled={isBusy}
                  onClick={() => onReplay(row.id)}
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
}
