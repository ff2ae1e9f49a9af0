import type { inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '#server/router.ts';
import { Badge } from '../ui/card.tsx';

/** A delivery as the API shows it. */
export type Delivery = inferRouterOutputs<AppRouter>['webhookDeliveries']['list']['data'][number];

const looks = {
  pending: ['warn', 'waiting'],
  succeeded: ['good', 'delivered'],
  failed: ['bad', 'failed'],
} as const;

export function DeliveryState({ delivery: { state } }: { delivery: Pick<Delivery, 'state'> }) {
  const [tone, word] = looks[state];
  return <Badge tone={tone}>{word}</Badge>;
}

/** What came of one attempt: the status and how long it took. */
export const answerOf = ({ error, latency_ms, status }: Delivery['attempts'][number]): string =>
  `${status ?? error}, ${Math.round(latency_ms)} ms`;
