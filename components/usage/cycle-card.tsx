'use client';

import { useQuery } from '@tanstack/react-query';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Card } from '../ui/card.tsx';
import { Ring } from '../ui/ring.tsx';
import { Time } from '../ui/time.tsx';

/** Where the cycle stands, and where it ends if it goes on so. */
export function CycleCard() {
  const trpc = useTRPC();
  const quota = useQuery(trpc.usage.quota.queryOptions({}));
  return (
    <Card className="grid gap-3">
      <h2 className="text-sm font-medium">This cycle</h2>
      <QueryView query={quota} height="h-32">
        {({ limit, projected, resets_at, used }) => (
          <div className="flex flex-wrap items-center gap-5">
            <Ring label="Share of the calls that is used" part={used} whole={limit} />
            <div className="grid min-w-0 flex-1 basis-56 gap-2 text-sm text-soft">
              <p>
                {used.toLocaleString('en')} of {limit.toLocaleString('en')} are used; if it goes on
                so, {projected.toLocaleString('en')} will be at the end, <Time at={resets_at} />.
              </p>
              {projected > limit && used < limit && (
                <Alert kind="warn">
                  At this pace the calls of the cycle will be used up before it ends.
                </Alert>
              )}
            </div>
          </div>
        )}
      </QueryView>
    </Card>
  );
}
