import type { Batch } from '@nebula/contract/batch';
import { Badge } from '../ui/card.tsx';

const tones = { processing: 'warn', finished: 'good', canceled: 'plain' } as const;

export function BatchState({ status }: { status: Batch['status'] }) {
  return <Badge tone={tones[status]}>{status}</Badge>;
}
