'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useTRPC } from '../trpc.tsx';
import { cn } from '../ui/class-names.ts';
import { Time } from '../ui/time.tsx';

export type Notification = {
  id: string;
  title: string;
  text: string;
  link: string;
  count: number;
  is_read: boolean;
  happened_at: string;
};

/** One notification; whoever follows it has read it. */
export function NotificationItem({
  notification: { count, happened_at, id, is_read, link, text, title },
  onFollow,
}: {
  notification: Notification;
  onFollow?: () => void;
}) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const read = useMutation(
    trpc.notifications.read.mutationOptions({
      onSuccess: () => cache.invalidateQueries({ queryKey: trpc.notifications.pathKey() }),
    }),
  );
  const follow = () => {
    if (!is_read) read.mutate({ id });
    onFollow?.();
  };
  return (
    <Link
      href={link as '/dashboard'}
      onClick={follow}
      className="grid gap-0.5 rounded-lg px-3 py-2 text-sm hover:bg-raised"
    >
      <span className="flex items-baseline gap-2">
        <span className={cn('min-w-0 flex-1 break-words', !is_read && 'font-semibold')}>
          {title}
          {count > 1 && <span className="text-soft"> · {count} times</span>}
        </span>
        {!is_read && (
          <span className="size-2 shrink-0 rounded-full bg-accent">
            <span className="sr-only">unread</span>
          </span>
        )}
      </span>
      <span className="break-words text-soft">{text}</span>
      <span className="text-xs text-faint">
        <Time at={happened_at} />
      </span>
    </Link>
  );
}
