'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Receipt } from 'lucide-react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { formatRupees } from './money.ts';

/** Invoices and credit notes, each as PDF. */
export function Invoices() {
  const trpc = useTRPC();
  const invoices = useInfiniteQuery(
    trpc.billing.listInvoices.infiniteQueryOptions(
      {},
      { getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined },
    ),
  );
  return (
    <section className="grid gap-3">
      <h2 className="font-semibold">Invoices</h2>
      <QueryView query={invoices}>
        {({ pages }) =>
          pages[0]?.data.length === 0 ? (
            <EmptyState icon={Receipt} title="No invoices yet">
              The first one comes with the first paid cycle.
            </EmptyState>
          ) : (
            <Table label="Invoices">
              <Head
                columns={[
                  'Number',
                  'For',
                  'Issued',
                  { name: 'Amount', isFigure: true },
                  { name: 'PDF', isHidden: true },
                ]}
              />
              <tbody>
                {pages
                  .flatMap(({ data }) => data)
                  .map(({ description, id, issued_at, number, object, total }) => (
                    <Row key={id}>
                      <Td className="font-mono text-xs whitespace-nowrap">{number}</Td>
                      <Td>{description}</Td>
                      <Td>
                        <Time at={issued_at} />
                      </Td>
                      <Td className="text-right tabular-nums">
                        {object === 'credit_note' && '−'}
                        {formatRupees(total)}
                      </Td>
                      <Td className="text-right">
                        <a href={`/api/v1/invoices/${id}/pdf`} className="text-accent underline">
                          PDF
                        </a>
                      </Td>
                    </Row>
                  ))}
              </tbody>
            </Table>
          )
        }
      </QueryView>
      <LoadMore list={invoices} />
    </section>
  );
}
