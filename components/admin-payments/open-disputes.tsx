'use client';

import { useQuery } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { formatRupees } from '../billing/money.ts';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import type { Payer } from './payments.tsx';

/** What banks wait for an answer to, of every account. */
export function OpenDisputes({ onChoose }: { onChoose: (payer: Payer) => void }) {
  const trpc = useTRPC();
  const disputes = useQuery(trpc.adminBilling.disputes.queryOptions());
  return (
    <section className="grid gap-3">
      <h2 className="font-semibold">Open disputes</h2>
      <QueryView query={disputes}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState icon={ShieldCheck} title="No bank questions a payment">
              An open dispute is listed here until the bank has decided.
            </EmptyState>
          ) : (
            <Table label="Open disputes">
              <Head
                columns={[
                  'Account',
                  'Reason',
                  'Answer until',
                  { name: 'Amount', isFigure: true },
                  { name: 'Actions', isHidden: true },
                ]}
              />
              <tbody>
                {data.map(({ account_email, account_id, amount, id, reason, respond_by }) => (
                  <Row key={id}>
                    <Td>
                      {account_email}
                      <span className="block font-mono text-xs text-faint">{id}</span>
                    </Td>
                    <Td>{reason}</Td>
                    <Td>{respond_by ? <Time at={respond_by} /> : 'not said'}</Td>
                    <Td className="text-right tabular-nums">{formatRupees(amount)}</Td>
                    <Td className="text-right">
                      <Button
                        kind="secondary"
                        size="small"
                        onClick={() => onChoose({ id: account_id, email: account_email })}
                      >
                        Payments
                      </Button>
                    </Td>
                  </Row>
                ))}
              </tbody>
            </Table>
          )
        }
      </QueryView>
    </section>
  );
}
