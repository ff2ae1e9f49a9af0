'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Bell as BellIcon } from 'lucide-react';
import Link from 'next/link';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { NotificationItem } from './notification-item.tsx';
import { useLiveInbox } from './use-inbox.ts';

const shown = 5;
const pollMilliseconds = 60_000;

/** How much is unread, live, and the newest of it. */
export function Bell() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const inbox = useQuery(
    trpc.notifications.list.queryOptions({ limit: shown }, { refetchInterval: pollMilliseconds }),
  );
  useLiveInbox();
  const readAll = useMutation(
    trpc.notifications.readAll.mutationOptions({
      onSuccess: () => cache.invalidateQueries({ queryKey: trpc.notifications.pathKey() }),
    }),
  );
  const { data = [], unread = 0 } = inbox.data ?? {};
  const close = () => setOpen(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button kind="ghost" size="icon" aria-label={`Notifications, ${unread} unread`}>
          <span className="relative">
            <BellIcon className="size-5" aria-hidden />
            {unread > 0 && (
              <span
                aria-hidden
                className="absolute -top-1.5 -right-2 min-w-4 rounded-full bg-accent px-1 text-center text-[0.625rem] leading-4 font-semibold text-accent-ink"
              >
                {unread > 99 ? '99+' : unread}
              </span>
            )}
          </span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Notifications"
          className="z-50 grid max-h-[70dvh] w-80 max-w-[calc(100vw-1rem)] gap-1 overflow-y-auto rounded-xl border bg-surface p-1 shadow-lift"
        >
          {data.length === 0 && (
            <p className="px-3 py-6 text-center text-sm text-soft">
              Nothing yet. What fails, and what you should know, comes here.
            </p>
          )}
          {data.map((each) => (
            <NotificationItem key={each.id} notification={each} onFollow={close} />
          ))}
          <div className="flex items-center justify-between gap-2 border-t px-2 pt-1">
            <Button
              kind="ghost"
              size="small"
              disabled={unread === 0 || readAll.isPending}
              onClick={() => readAll.mutate({})}
            >
              Mark all as read
            </Button>
            <Link
              href="/dashboard/notifications"
              onClick={close}
              className="px-2 text-sm text-accent underline"
            >
              See all
            </Link>
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
