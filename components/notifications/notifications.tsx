'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { BellOff } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Card } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Switch } from '../ui/switch.tsx';
import { NotificationItem } from './notification-item.tsx';
import { PreferencesTable } from './preferences-table.tsx';
import { PushControl } from './push-control.tsx';

/** Everything that the account was told, and what it wants to be told. */
export function Notifications({ pushKey }: { pushKey?: string }) {
  const trpc = useTRPC();
  const [isUnreadOnly, setUnreadOnly] = useState(false);
  const inbox = useInfiniteQuery(
    trpc.notifications.list.infiniteQueryOptions(
      { limit: 20, unread: isUnreadOnly },
      { getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined },
    ),
  );
  return (
    <>
      <PageHeader title="Notifications">What has happened, kept for 90 days.</PageHeader>
      <div className="flex items-center gap-2 text-sm">
        <Switch id="unread-only" checked={isUnreadOnly} onCheckedChange={setUnreadOnly} />
        <label htmlFor="unread-only">Only unread</label>
      </div>
      <QueryView query={inbox} height="h-64">
        {({ pages }) => {
          const all = pages.flatMap(({ data }) => data);
          if (all.length === 0)
            return (
              <EmptyState icon={BellOff} title="Nothing here">
                Jobs that fail, new keys and sign-ins, and how much of your calls is used come here.
              </EmptyState>
            );
          return (
            <Card className="grid gap-1 p-1">
              {all.map((each) => (
                <NotificationItem key={each.id} notification={each} />
              ))}
            </Card>
          );
        }}
      </QueryView>
      <LoadMore list={inbox} />
      {pushKey !== undefined && <PushControl publicKey={pushKey} />}
      <PreferencesTable />
    </>
  );
}
