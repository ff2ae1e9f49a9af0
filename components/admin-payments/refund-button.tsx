'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatRupees } from '../billing/money.ts';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Field, Input } from '../ui/field.tsx';

type Props = { accountId: string; paymentId: string; most: number };

/** Gives money of a payment back, after a question; the same reference gives it back once. */
export function RefundButton({ accountId, most, paymentId }: Props) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [rupees, setRupees] = useState('');
  const [reference, setReference] = useState('');
  const refund = useMutation(
    trpc.adminBilling.refund.mutationOptions({
      onSuccess: () => cache.invalidateQueries({ queryKey: trpc.adminBilling.pathKey() }),
    }),
  );
  const give = () => {
    const amount = Math.round(Number(rupees) * 100);
    return refund.mutateAsync({ account_id: accountId, payment_id: paymentId, amount, reference });
  };
  return (
    <>
      <Button kind="secondary" size="small" onClick={() => setAsking(true)}>
        Give back
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Give money back?"
        action="Give back"
        fields={
          <div className="grid gap-3">
            <Field htmlFor="refund-amount" label="Rupees" hint={`At most ${formatRupees(most)}.`}>
              <Input
                id="refund-amount"
                inputMode="decimal"
                value={rupees}
                onChange={(event) => setRupees(event.target.value)}
              />
            </Field>
            <Field
              htmlFor="refund-reference"
              label="Reference"
              hint="Your own word for it: one refund for each."
            >
              <Input
                id="refund-reference"
                maxLength={80}
                value={reference}
                onChange={(event) => setReference(event.target.value)}
              />
            </Field>
          </div>
        }
        onConfirm={give}
      >
        The customer gets a credit note. The plan stays as it is.
      </Confirm>
    </>
  );
}
