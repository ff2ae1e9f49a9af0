'use client';

import { type PlanId, plans } from '@nebula/contract/plans';
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';
import { formatRupees } from './money.ts';

/** Says what a change does and costs before it is made; `unpaid` is the invoice that is due. */
export function ChangeDialog({
  choice,
  onClose,
}: {
  choice: PlanId | 'unpaid';
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const plan = choice === 'unpaid' ? undefined : choice;
  const preview = useQuery(trpc.billing.preview.queryOptions(plan ? { plan } : skipToken));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={plan ? plans[plan].name : 'Pay the invoice'}
    >
      {plan === undefined ? (
        <Checkout />
      ) : (
        <QueryView query={preview} height="h-40">
          {(facts) => {
            if (facts.kind === 'refused')
              return <Alert kind="bad">An invoice is not paid. Pay it first.</Alert>;
            if (facts.kind !== 'now')
              return (
                <Later
                  plan={plan}
                  at={facts.effective_at}
                  price={facts.renewal_price}
                  onDone={onClose}
                />
              );
            return (
              <div className="grid gap-4 text-sm">
                <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-1.5 tabular-nums">
                  <dt className="text-soft">{plans[plan].name}, 30 days</dt>
                  <dd>{formatRupees(facts.price)}</dd>
                  <dt className="text-soft">Rest of your present cycle</dt>
                  <dd>−{formatRupees(facts.credit)}</dd>
                  <dt className="font-medium">To pay now</dt>
                  <dd className="font-medium">{formatRupees(facts.charge)}</dd>
                </dl>
                <p className="text-soft">
                  The new limits hold at once. It renews <Time at={facts.renews_at} /> for{' '}
                  {formatRupees(facts.renewal_price)}.
                </p>
                <Checkout plan={plan} />
              </div>
            );
          }}
        </QueryView>
      )}
    </Dialog>
  );
}

function Checkout({ plan }: { plan?: PlanId }) {
  const trpc = useTRPC();
  const [isLeaving, setLeaving] = useState(false);
  const start = useMutation(
    trpc.billing.startCheckout.mutationOptions({
      onSuccess: ({ url }) => {
        if (!url) return void toast.error('No checkout page is configured here.');
        setLeaving(true);
        window.location.assign(url);
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    start.mutate({ plan, phone: String(new FormData(event.currentTarget).get('phone')) });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field htmlFor="phone" label="Phone" hint="Cashfree asks for it; 10 to 15 digits.">
        <Input
          id="phone"
          name="phone"
          type="tel"
          autoComplete="tel"
          required
          pattern="\+?[0-9]{10,15}"
        />
      </Field>
      {start.error && <Alert kind="bad">{start.error.message}</Alert>}
      <Button type="submit" disabled={start.isPending || isLeaving}>
        {isLeaving ? 'Going to the checkout …' : 'Go to the checkout'}
      </Button>
    </form>
  );
}

function Later({
  at,
  onDone,
  plan,
  price,
}: {
  at: string;
  onDone: () => void;
  plan: PlanId;
  price: number;
}) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const choose = useMutation(
    trpc.billing.choosePlan.mutationOptions({
      onSuccess: async () => {
        await cache.invalidateQueries({ queryKey: trpc.billing.pathKey() });
        toast.success('Noted.');
        onDone();
      },
    }),
  );
  return (
    <div className="grid gap-4 text-sm">
      <p className="leading-relaxed text-soft">
        Nothing is paid now. {plans[plan].name} begins <Time at={at} />, for {formatRupees(price)}{' '}
        every 30 days; until then you keep what you have. Nothing is deleted.
      </p>
      {choose.error && <Alert kind="bad">{choose.error.message}</Alert>}
      <Button disabled={choose.isPending} onClick={() => choose.mutate({ plan })}>
        {price === 0 ? 'Cancel at the end of the cycle' : `Choose ${plans[plan].name}`}
      </Button>
    </div>
  );
}
