'use client';

import { useQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, Input } from '../ui/field.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { OpenDisputes } from './open-disputes.tsx';
import { PaymentTable } from './payment-table.tsx';

/** Whose payments are shown; who was found by an address is looked up by it. */
export type Payer = { id?: string; email: string };

/** What banks question, and what one account has paid; here money is given back. */
export function Payments() {
  const [payer, setPayer] = useState<Payer>();
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setPayer({ email: String(new FormData(event.currentTarget).get('email') ?? '').trim() });
  };
  return (
    <>
      <PageHeader title="Payments">
        Disputes are answered at Cashfree. One that is lost takes the money back, and a plan that it
        paid for ends.
      </PageHeader>
      <OpenDisputes onChoose={setPayer} />
      <section className="grid gap-3">
        <h2 className="font-semibold">Payments of an account</h2>
        <search>
          <form key={payer?.email} onSubmit={search} className="flex flex-wrap items-end gap-3">
            <div className="w-full max-w-80">
              <Field htmlFor="payer-email" label="Address">
                <Input
                  id="payer-email"
                  name="email"
                  type="email"
                  required
                  defaultValue={payer?.email}
                  placeholder="ada@example.com"
                />
              </Field>
            </div>
            <Button type="submit" kind="secondary">
              Find
            </Button>
          </form>
        </search>
        {payer &&
          (payer.id ? <PaymentTable accountId={payer.id} /> : <PaymentsOf email={payer.email} />)}
      </section>
    </>
  );
}

function PaymentsOf({ email }: { email: string }) {
  const trpc = useTRPC();
  const found = useQuery(trpc.adminUsers.list.queryOptions({ email, limit: 1 }));
  return (
    <QueryView query={found}>
      {({ data: [account] }) =>
        account ? (
          <PaymentTable accountId={account.id} />
        ) : (
          <EmptyState icon={Users} title="No account has this address">
            Its spelling has to be the whole one.
          </EmptyState>
        )
      }
    </QueryView>
  );
}
