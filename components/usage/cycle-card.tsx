'use client';

import { useQuery } from '@tanstack/react-query';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Card } from '../ui/card.tsx';
import { Progress } from '../ui/progress.tsx';
import { Time } from '../ui/time.tsx';

/** Where the cycle stands, and where it ends if it goes on so. */
export function CycleCard() {
  const trpc = useTRPC();
  const quota = useQuery(trpc.usage.quota.queryOptions({}));
  return (
    <Card className="grid gap-3">
      <h2 className="text-sm font-medium">This cycle</h2>
      <QueryView query={quota} height="h-16">
        {({ limit, projected, resets_at, used }) => (
          <>
            <Progress label="Calls used:" percent={Math.min(100, (100 * used) / limit)} />
            <p className="text-sm text-soft">
              {used.toLocaleString('en')} of {limit.toLocaleString('en')} are used; if it goes on
              so, {projected.toLocaleString('en')} will be at the end, <Time at={resets_at} />.
            </p>
            {projected > limit && used < limit && (
              <Alert kind="warn">
                At this pace the calls of the cycle will be used up before it ends.
              </Alert>
            )}
          </>
        )}
      </QueryView>
    </Card>
  );
}
