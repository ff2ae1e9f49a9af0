'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Head, Row, Table } from '../ui/table.tsx';
import { AccountRow } from './account-row.tsx';
import { FindByAddress } from './find-by-address.tsx';

/** Every account, the newest first, or the one of an address; here they are shut and opened. */
export function Accounts({ ownId }: { ownId: string }) {
  const trpc = useTRPC();
  const [email, setEmail] = useState('');
  const list = useInfiniteQuery(
    trpc.adminUsers.list.infiniteQueryOptions(
      { limit: 20, email: email || undefined },
      { getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined },
    ),
  );
  return (
    <>
      <PageHeader title="Accounts">
        A suspended account is signed out and its keys are refused; nothing of it is deleted.
      </PageHeader>
      <FindByAddress id="account-email" placeholder="every account" onFind={setEmail} />
      <QueryView query={list} height="h-96">
        {({ pages }) => {
          const accounts = pages.flatMap(({ data }) => data);
          if (accounts.length === 0)
            return (
              <EmptyState icon={Users} title="No account has this address">
                Leave the field empty to see every account.
              </EmptyState>
            );
          return (
            <Table label="Accounts">
              <Head
                columns={['Account', 'Plan', 'State', 'Made', { name: 'Actions', isHidden: true }]}
              />
              <tbody>
                {accounts.map((account) => (
                  <Row key={account.id}>
                    <AccountRow account={account} isOwn={account.id === ownId} />
                  </Row>
                ))}
              </tbody>
            </Table>
          );
        }}
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}
