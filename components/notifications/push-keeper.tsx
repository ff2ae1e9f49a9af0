'use client';

import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTRPC } from '../trpc.tsx';
import { currentSubscription, readPushState, toSubscribeInput } from './browser-push.ts';

/** A browser that shows notifications already does so for whoever signs in to it, from then on. */
export function PushKeeper() {
  const trpc = useTRPC();
  const { mutate } = useMutation(trpc.push.subscribe.mutationOptions());
  useEffect(() => {
    const renew = async () => {
      if ((await readPushState()) !== 'on') return;
      const subscription = await currentSubscription();
      if (subscription) mutate(toSubscribeInput(subscription));
    };
    // Without it the browser is only told of nothing.
    renew().catch(() => undefined);
  }, [mutate]);
  return null;
}
