'use client';

import { gstStateCodes, gstStates } from '@nebula/contract/gst';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input, Select, TextArea } from '../ui/field.tsx';
import { toast } from '../ui/toast.tsx';

const taxes = {
  cgst_sgst: 'The next invoice carries CGST and SGST, 9 % each, which the price includes.',
  igst: 'The next invoice carries IGST of 18 %, which the price includes.',
  none: 'Invoices carry no GST: the seller is not registered for it.',
};

type Buyer = { legal_name: string; gstin: string | null; address: string; state: string };

/** Who the next invoices are for; those that were issued stay as they are. */
export function BillingDetails() {
  const trpc = useTRPC();
  const details = useQuery(trpc.billing.details.queryOptions());
  const [isOpen, setOpen] = useState(false);
  return (
    <Card aria-labelledby="billing-details" className="grid gap-4">
      <h2 id="billing-details" className="font-semibold">
        Billed to
      </h2>
      <QueryView query={details} height="h-24">
        {({ buyer, tax }) => (
          <>
            {buyer ? <Address buyer={buyer} /> : <p className="text-sm text-soft">{unnamed}</p>}
            <p className="text-sm text-soft">{taxes[tax]}</p>
            <Button
              kind="secondary"
              size="small"
              className="justify-self-start"
              onClick={() => setOpen(true)}
            >
              {buyer ? 'Change' : 'Name a business'}
            </Button>
            <Dialog
              open={isOpen}
              onOpenChange={setOpen}
              title="Billed to"
              description="From the next invoice on."
            >
              <Form buyer={buyer} onSaved={() => setOpen(false)} />
            </Dialog>
          </>
        )}
      </QueryView>
    </Card>
  );
}

const unnamed =
  'Invoices have the name and the address of your account. A business names itself here, with its GSTIN if it has one.';

function Address({ buyer: { address, gstin, legal_name, state } }: { buyer: Buyer }) {
  return (
    <address className="grid gap-0.5 text-sm break-words not-italic">
      <span className="font-medium">{legal_name}</span>
      <span className="whitespace-pre-line">{address}</span>
      <span>{gstStates[state as keyof typeof gstStates]}</span>
      {gstin && <span className="font-mono text-xs">GSTIN {gstin}</span>}
    </address>
  );
}

function Form({ buyer, onSaved }: { buyer: Buyer | null; onSaved: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const save = useMutation(
    trpc.billing.setDetails.mutationOptions({
      onSuccess: async () => {
        await cache.invalidateQueries({ queryKey: trpc.billing.pathKey() });
        toast.success('Saved.');
        onSaved();
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name) ?? '').trim();
    save.mutate({
      legal_name: text('legal_name'),
      gstin: text('gstin') || null,
      address: text('address'),
      state: text('state') as keyof typeof gstStates,
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field htmlFor="buyer-name" label="Legal name">
        <Input
          id="buyer-name"
          name="legal_name"
          autoComplete="organization"
          defaultValue={buyer?.legal_name}
          required
          maxLength={200}
        />
      </Field>
      <Field htmlFor="buyer-gstin" label="GSTIN" hint="15 signs; left empty without one.">
        <Input
          id="buyer-gstin"
          name="gstin"
          autoComplete="off"
          className="font-mono uppercase"
          defaultValue={buyer?.gstin ?? ''}
          maxLength={15}
        />
      </Field>
      <Field htmlFor="buyer-address" label="Address">
        <TextArea
          id="buyer-address"
          name="address"
          autoComplete="street-address"
          className="font-sans text-sm"
          defaultValue={buyer?.address}
          required
          maxLength={500}
        />
      </Field>
      <Field htmlFor="buyer-state" label="State" hint="The place of supply; the one of the GSTIN.">
        <Select id="buyer-state" name="state" defaultValue={buyer?.state ?? ''} required>
          <option value="" disabled>
            Choose one
          </option>
          {gstStateCodes.map((code) => (
            <option key={code} value={code}>
              {code} {gstStates[code]}
            </option>
          ))}
        </Select>
      </Field>
      {save.error && <Alert kind="bad">{save.error.message}</Alert>}
      <Button type="submit" disabled={save.isPending}>
        Save
      </Button>
    </form>
  );
}
