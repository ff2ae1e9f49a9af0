'use client';

import { useQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import { useState } from 'react';
import { FindByAddress } from '../admin-accounts/find-by-address.tsx';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { OpenDisputes } from './open-disputes.tsx';
import { PaymentTable } from './payment-table.tsx';

/** Whose payments are shown; who was found by an address is looked up by it. */
export type Payer = { id?: string; email: string };

/** What banks question, and what one account has paid; here money is given back. */
export function Payments() {
  const [payer, setPayer] = useState<Payer>();
  return (
    <>
      <PageHeader title="Payments">
        Disputes are answered at Cashfree. One that is lost takes the money back, and a plan that it
        paid for ends.
      </PageHeader>
      <OpenDisputes onChoose={setPayer} />
      <section className="grid gap-3">
        <h2 className="font-semibold">Payments of an account</h2>
        <FindByAddress
          key={payer?.email}
          id="payer-email"
          required
          defaultValue={payer?.email}
          placeholder="ada@example.com"
          onFind={(email) => setPayer({ email })}
        />
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
