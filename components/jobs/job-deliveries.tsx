'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTRPC } from '../trpc.tsx';
import { Time } from '../ui/time.tsx';
import { DeliveryState } from '../webhooks/delivery-state.tsx';
import { Section } from './job-timeline.tsx';

/** What the endpoints were told of a job, among the newest hundred deliveries; nothing for none. */
export function JobDeliveries({ id }: { id: string }) {
  const trpc = useTRPC();
  const deliveries = useQuery(trpc.webhookDeliveries.list.queryOptions({ limit: 100 }));
  const own = deliveries.data?.data.filter(({ payload }) => payload.includes(`"${id}"`)) ?? [];
  if (own.length === 0) return null;
  return (
    <Section title="Webhook deliveries">
      <ul className="grid gap-2">
        {own.map((row) => (
          <li
            key={row.id}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl border bg-surface px-4 py-2.5 text-sm"
          >
            <span className="mr-auto font-mono text-xs">{row.type}</span>
            <Time at={row.created_at} />
            <DeliveryState delivery={row} />
          </li>
        ))}
      </ul>
      <Link href="/dashboard/webhooks" className="text-sm text-accent underline">
        All deliveries
      </Link>
    </Section>
  );
}
