'use client';

import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';

const words = {
  settled: ['good', 'The payment has arrived. Your new limits hold.'],
  open: ['note', 'The payment is not through yet. We look again by ourselves; you may leave.'],
  lapsed: ['warn', 'Nothing was paid, and nothing has changed.'],
  mismatch: ['bad', 'The payment differs from what was ordered. Write to us; nothing is lost.'],
  unknown: ['warn', 'We know of no such order.'],
} as const;

/** What became of a checkout that the person has just come back from. */
export function OrderNotice({ onSettled, orderId }: { onSettled: () => void; orderId: string }) {
  const trpc = useTRPC();
  const { data, error, mutate } = useMutation(trpc.billing.confirmOrder.mutationOptions());
  const asked = useRef(false);
  const settled = useRef(onSettled);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    mutate({ order_id: orderId }, { onSuccess: () => settled.current() });
  }, [mutate, orderId]);
  if (error) return <Alert kind="warn">{error.message}</Alert>;
  if (!data) return <Alert>Looking for your payment …</Alert>;
  const [kind, text] = words[data.status];
  return <Alert kind={kind}>{text}</Alert>;
}
