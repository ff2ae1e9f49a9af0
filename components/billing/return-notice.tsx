'use client';

import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';

type Words = Record<string, readonly ['good' | 'note' | 'warn' | 'bad', string]>;

const orderWords: Words = {
  settled: ['good', 'The payment has arrived. Your new limits hold.'],
  open: ['note', 'The payment is not through yet. We look again by ourselves; you may leave.'],
  lapsed: ['warn', 'Nothing was paid, and nothing has changed.'],
  mismatch: ['bad', 'The payment differs from what was ordered. Write to us; nothing is lost.'],
};

const mandateWords: Words = {
  active: ['good', 'Automatic payment is on. Each renewal is charged by itself.'],
  open: [
    'note',
    'Automatic payment is not allowed yet. We look again by ourselves; you may leave.',
  ],
  ended: ['warn', 'Automatic payment was not allowed, and nothing has changed.'],
};

type Props = { id: string; onSettled: () => void };

/** What became of a checkout that the person has just come back from. */
export function OrderNotice({ id, onSettled }: Props) {
  const trpc = useTRPC();
  const confirm = useMutation(trpc.billing.confirmOrder.mutationOptions());
  const ask = () => confirm.mutateAsync({ order_id: id });
  return <Notice ask={ask} onSettled={onSettled} words={orderWords} what="payment" />;
}

/** What became of the permission for automatic payments that the person was asked for. */
export function MandateNotice({ id, onSettled }: Props) {
  const trpc = useTRPC();
  const confirm = useMutation(trpc.billing.confirmMandate.mutationOptions());
  const ask = () => confirm.mutateAsync({ mandate_id: id });
  return <Notice ask={ask} onSettled={onSettled} words={mandateWords} what="permission" />;
}

function Notice({
  ask,
  onSettled,
  what,
  words,
}: {
  ask: () => Promise<{ status: string }>;
  onSettled: () => void;
  what: string;
  words: Words;
}) {
  const { data, error, mutate } = useMutation({ mutationFn: ask, onSuccess: onSettled });
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    mutate();
  }, [mutate]);
  if (error) return <Alert kind="warn">{error.message}</Alert>;
  const [kind, text] = (data && words[data.status]) ?? ['note', `Looking for your ${what} …`];
  return <Alert kind={kind}>{text}</Alert>;
}
