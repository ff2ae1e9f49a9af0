import { useEffect, useRef } from 'react';

type Row = {
  id: string;
  last_seq: number;
  unread: number;
  marks: Record<Side, { delivered_seq: number }>;
};
type Side = 'customer' | 'operator';

/**
 * Tells the other side that its messages have come to this screen, each once: those that come while
 * it is open, and those that it finds when it is back.
 */
export function useDelivered(
  rows: readonly Row[],
  side: Side,
  tell: (id: string, seq: number) => Promise<unknown>,
): void {
  const told = useRef(new Map<string, number>());
  useEffect(() => {
    for (const { id, last_seq: seq, marks, unread } of rows) {
      const known = Math.max(marks[side].delivered_seq, told.current.get(id) ?? 0);
      if (unread === 0 || seq <= known) continue;
      told.current.set(id, seq);
      // The next look at the list tells it again.
      tell(id, seq).catch(() => told.current.delete(id));
    }
  });
}
