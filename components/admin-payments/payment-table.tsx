'use client';

import { useQuery } from '@tanstack/react-query';
import { Receipt } from 'lucide-react';
import { DisputeState } from '../billing/disputes.tsx';
import { formatRupees } from '../billing/money.ts';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { RefundButton } from './refund-button.tsx';

const figure = (name: string) => ({ name, isFigure: true });

/** Everything that an account has paid, what went back, and what still may. */
export function PaymentTable({ accountId }: { accountId: string }) {
  const trpc = useTRPC();
  const payments = useQuery(trpc.adminBilling.payments.queryOptions({ account_id: accountId }));
  return (
    <QueryView query={payments}>
      {({ data }) =>
        data.length === 0 ? (
          <EmptyState icon={Receipt} title="This account has paid nothing">
            A payment is listed here as soon as it has arrived.
          </EmptyState>
        ) : (
          <Table label="Payments">
            <Head
              columns={[
                'Payment',
                'Dispute',
                figure('Paid'),
                figure('Given back'),
                figure('Left'),
                { name: 'Actions', isHidden: true },
              ]}
            />
            <tbody>
              {data.map(({ amount, dispute, id, invoice_id, refundable, refunded }) => (
                <Row key={id}>
                  <Td className="min-w-44 font-mono text-xs break-all">
                    {id}
                    <span className="block text-faint">{invoice_id ?? 'paid for nothing'}</span>
                  </Td>
                  <Td>{dispute ? <DisputeState status={dispute.status} /> : '–'}</Td>
                  <Td className="text-right tabular-nums">{formatRupees(amount)}</Td>
                  <Td className="text-right tabular-nums">{formatRupees(refunded)}</Td>
                  <Td className="text-right tabular-nums">{formatRupees(refundable)}</Td>
                  <Td className="text-right">
                    {refundable > 0 && (
                      <RefundButton accountId={accountId} paymentId={id} most={refundable} />
                    )}
                  </Td>
                </Row>
              ))}
            </tbody>
          </Table>
        )
      }
    </QueryView>
  );
}
