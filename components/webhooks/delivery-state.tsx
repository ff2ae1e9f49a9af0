import { Badge } from '../ui/card.tsx';

/** A delivery as the API shows it. */
export type Delivery = {
  id: string;
  endpoint_id: string | null;
  /** The address that a job named for itself; null where there is an endpoint. */
  url: string | null;
  event_id: string;
  type: string;
  state: 'pending' | 'succeeded' | 'failed';
  payload: string;
  attempts: {
    at: string;
    status: number | null;
    error: string | null;
    latency_ms: number;
    reply: string;
  }[];
  next_attempt_at: string | null;
  created_at: string;
};

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
