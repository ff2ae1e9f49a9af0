'use client';

import { adminSupportChannel } from '@nebula/contract/realtime';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Inbox as InboxIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useChannelEvent, useIsLive, useReconnect } from '../realtime/realtime.tsx';
import { useTRPC, useTRPCClient } from '../trpc.tsx';
import { Badge } from '../ui/card.tsx';
import { cn } from '../ui/class-names.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, Input } from '../ui/field.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Tab, TabList, Tabs } from '../ui/tabs.tsx';
import { Time } from '../ui/time.tsx';
import { CannedReplies } from './canned-replies.tsx';
import { InboxThread } from './inbox-thread.tsx';
import { OperatorsHere } from './operators-here.tsx';
import { useDelivered } from './use-delivered.ts';

const statuses = ['open', 'pending', 'closed'] as const;
type Status = (typeof statuses)[number];

const deafMilliseconds = 5_000;
const liveMilliseconds = 30_000;

/** Where operators answer: the conversations by state, and one of them with its customer. */
export function Inbox({ operatorId }: { operatorId: string }) {
  const [status, setStatus] = useState<Status>('open');
  const [q, setQ] = useState('');
  const [shown, setShown] = useState<string>();
  useInboxEvents();
  useEffect(() => {
    // The link of a mail.
    const named = new URLSearchParams(window.location.search).get('conversation');
    if (named) setShown(named);
  }, []);
  return (
    <>
      <PageHeader title="Support inbox" actions={<CannedReplies />}>
        Open ones wait for an answer, pending ones for their customer.
      </PageHeader>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 xl:grid-cols-[20rem_minmax(0,1fr)]">
        <section aria-label="Conversations" className="grid content-start gap-3">
          <OperatorsHere operatorId={operatorId} />
          <Field htmlFor="inbox-search" label="Find by subject, customer or words">
            <Input
              id="inbox-search"
              type="search"
              value={q}
              maxLength={100}
              onChange={(event) => setQ(event.target.value)}
            />
          </Field>
          <Tabs value={status} onValueChange={(value) => setStatus(value as Status)}>
            <TabList aria-label="State" className="mb-0">
              {statuses.map((each) => (
                <Tab key={each} value={each} aria-controls="inbox-list" className="capitalize">
                  {each}
                </Tab>
              ))}
            </TabList>
          </Tabs>
          <div id="inbox-list">
            <List q={q} status={status} shown={shown} onShow={setShown} />
          </div>
        </section>
        {shown ? (
          <InboxThread key={shown} id={shown} operatorId={operatorId} />
        ) : (
          <EmptyState icon={InboxIcon} title="No conversation chosen">
            Choose one to read and answer it.
          </EmptyState>
        )}
      </div>
    </>
  );
}

/** What happens is fetched. */
function useInboxEvents() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries(trpc.adminConversations.pathFilter());
  useChannelEvent(adminSupportChannel, 'message.created', refresh);
  useChannelEvent(adminSupportChannel, 'message.read', refresh);
  useChannelEvent(adminSupportChannel, 'conversation.assigned', refresh);
  useChannelEvent(adminSupportChannel, 'conversation.closed', refresh);
  useChannelEvent(adminSupportChannel, 'conversation.updated', refresh);
  useReconnect(refresh, adminSupportChannel);
}

function List({
  onShow,
  q,
  shown,
  status,
}: {
  onShow: (id: string) => void;
  q: string;
  shown: string | undefined;
  status: Status;
}) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const isLive = useIsLive(adminSupportChannel);
  const list = useInfiniteQuery(
    trpc.adminConversations.list.infiniteQueryOptions(
      { status, q: q.trim() || undefined, limit: 20 },
      {
        getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
        refetchInterval: isLive ? liveMilliseconds : deafMilliseconds,
      },
    ),
  );
  useDelivered(list.data?.pages.flatMap(({ data }) => data) ?? [], 'operator', (id, seq) =>
    client.adminConversations.mark.mutate({ id, mark: 'delivered', seq }),
  );
  return (
    <>
      <QueryView query={list}>
        {({ pages }) => {
          const rows = pages.flatMap(({ data }) => data);
          if (rows.length === 0)
            return (
              <p className="px-3 py-6 text-center text-sm text-soft">
                {q ? 'Nothing is found.' : `There are no ${status} conversations.`}
              </p>
            );
          return (
            <ul className="grid gap-1">
              {rows.map(({ account, assignee, id, last_message, subject, unread }) => (
                <li key={id}>
                  <button
                    type="button"
                    aria-current={id === shown ? 'true' : undefined}
                    onClick={() => onShow(id)}
                    className={cn(
                      'grid w-full min-w-0 gap-0.5 rounded-xl px-3 py-2 text-left text-sm hover:bg-raised',
                      id === shown && 'bg-raised',
                    )}
                  >
                    <span className="flex min-w-0 items-center gap-2">
                      <span className="min-w-0 flex-1 truncate font-medium">{subject}</span>
                      {unread > 0 && <Badge tone="warn">{unread} new</Badge>}
                    </span>
                    <span className="truncate text-soft">{last_message.text}</span>
                    <span className="truncate text-xs text-soft">
                      {account.name} · <Time at={last_message.at} />
                      {assignee && ` · ${assignee}`}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}
