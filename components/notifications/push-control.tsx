'use client';

import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { toast } from '../ui/toast.tsx';
import {
  currentSubscription,
  type PushState,
  readPushState,
  subscribeBrowser,
  toSubscribeInput,
} from './browser-push.ts';

const says: Record<PushState, string> = {
  unsupported: 'This browser cannot show notifications.',
  denied: 'This browser was told to show no notifications of this site; its settings change that.',
  off: 'What is ticked below under "Push" can be shown while no page is open.',
  on: 'This browser shows what is ticked below under "Push", also while no page is open.',
};

/** Turns notifications of this browser on and off; permission is asked for on the click alone. */
export function PushControl({ publicKey }: { publicKey: string }) {
  const trpc = useTRPC();
  const [state, setState] = useState<PushState>('off');
  const subscribe = useMutation(trpc.push.subscribe.mutationOptions());
  const unsubscribe = useMutation(trpc.push.unsubscribe.mutationOptions());
  const change = useMutation({
    mutationFn: () => (state === 'on' ? turnOff() : turnOn()),
    onError: ({ message }) =>
      void toast.error(`The browser could not be set up: ${message.replace(/\.$/, '')}.`),
    onSettled: async () => setState(await readPushState()),
  });
  useEffect(() => void readPushState().then(setState), []);

  async function turnOn(): Promise<void> {
    const subscription = await subscribeBrowser(publicKey);
    if (!subscription) return;
    try {
      await subscribe.mutateAsync(toSubscribeInput(subscription));
    } catch (error) {
      await subscription.unsubscribe();
      throw error;
    }
  }

  async function turnOff(): Promise<void> {
    const subscription = await currentSubscription();
    if (!subscription) return;
    await subscription.unsubscribe();
    await unsubscribe.mutateAsync({ endpoint: subscription.endpoint });
  }

  return (
    <Card className="flex flex-wrap items-center justify-between gap-3">
      <div className="grid gap-1">
        <h2 className="font-semibold">Notifications in this browser</h2>
        <p className="text-sm text-soft">{says[state]}</p>
      </div>
      {(state === 'off' || state === 'on') && (
        <Button kind="secondary" onClick={() => change.mutate()} disabled={change.isPending}>
          {state === 'on' ? 'Turn off' : 'Turn on'}
        </Button>
      )}
    </Card>
  );
}
