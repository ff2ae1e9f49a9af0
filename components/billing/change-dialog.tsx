'use client';

import { type PlanId, plans } from '@nebula/contract/plans';
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';
import { CheckoutForm } from './checkout-form.tsx';
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
                  <TaxSplit tax={facts.tax} />
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

type Tax = { taxable: number; cgst: number; sgst: number; igst: number };

/** The GST that a price includes; nothing where the seller charges none. */
function TaxSplit({ tax }: { tax: Tax }) {
  const { cgst, igst, sgst, taxable } = tax;
  const parts = [
    ['CGST 9 %', cgst],
    ['SGST 9 %', sgst],
    ['IGST 18 %', igst],
  ] as const;
  const charged = parts.filter(([, amount]) => amount !== 0);
  if (charged.length === 0) return null;
  return [['of it before tax', taxable] as const, ...charged].map(([name, amount]) => (
    <div key={name} className="col-span-2 grid grid-cols-subgrid pl-4 text-soft">
      <dt>{name}</dt>
      <dd>{formatRupees(amount)}</dd>
    </div>
  ));
}

function Checkout({ plan }: { plan?: PlanId }) {
  const trpc = useTRPC();
  const start = useMutation(trpc.billing.startCheckout.mutationOptions());
  return (
    <CheckoutForm
      action="Go to the checkout"
      begin={(phone) => start.mutateAsync({ plan, phone })}
    />
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
