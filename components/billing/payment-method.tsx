'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge, Card } from '../ui/card.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { toast } from '../ui/toast.tsx';
import { CheckoutForm } from './checkout-form.tsx';

/** Whether renewals are paid automatically, and how to begin or end that. */
export function PaymentMethod({ isAutomatic, isFree }: { isAutomatic: boolean; isFree: boolean }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [asked, setAsked] = useState<'begin' | 'end'>();
  const start = useMutation(trpc.billing.startMandate.mutationOptions());
  const cancel = useMutation(trpc.billing.cancelMandate.mutationOptions());
  return (
    <Card aria-labelledby="payment-method" className="grid gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id="payment-method" className="font-semibold">
          Payment method
        </h2>
        <Badge tone={isAutomatic ? 'good' : 'plain'}>{isAutomatic ? 'automatic' : 'by hand'}</Badge>
      </div>
      <p className="text-sm leading-relaxed text-soft">{wordsFor(isAutomatic, isFree)}</p>
      {!isFree && (
        <div className="flex flex-wrap gap-2">
          <Button
            kind={isAutomatic ? 'secondary' : 'primary'}
            size="small"
            onClick={() => setAsked('begin')}
          >
            {isAutomatic ? 'Use another method' : 'Set up automatic payment'}
          </Button>
          {isAutomatic && (
            <Button kind="secondary" size="small" onClick={() => setAsked('end')}>
              Switch off automatic payment
            </Button>
          )}
        </div>
      )}
      <Dialog
        open={asked === 'begin'}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title="Automatic payment"
        description="You allow it once, at your bank or in your UPI app; each renewal is then charged."
      >
        <CheckoutForm action="Go on" begin={(phone) => start.mutateAsync({ phone })} />
      </Dialog>
      <Confirm
        open={asked === 'end'}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title="Switch off automatic payment?"
        action="Switch off"
        onConfirm={async () => {
          await cancel.mutateAsync();
          await cache.invalidateQueries({ queryKey: trpc.billing.pathKey() });
          toast.success('Automatic payment is off.');
        }}
      >
        Your plan goes on. When it renews you get a mail, and have a week to pay by hand.
      </Confirm>
    </Card>
  );
}

function wordsFor(isAutomatic: boolean, isFree: boolean): string {
  if (isFree) return 'Free costs nothing to renew. After an upgrade you can set up a payment here.';
  if (isAutomatic) return 'Each renewal is charged to the method that you have allowed.';
  return 'You pay each renewal yourself, within a week after it is due.';
}
