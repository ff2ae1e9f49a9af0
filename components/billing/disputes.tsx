'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc.tsx';
import { Badge } from '../ui/card.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { formatRupees } from './money.ts';

const words = {
  open: ['warn', 'open'],
  won: ['good', 'payment stands'],
  lost: ['bad', 'taken back'],
} as const;

/** How a dispute stands, in words and a colour. */
export function DisputeState({ status }: { status: keyof typeof words }) {
  const [tone, word] = words[status];
  return <Badge tone={tone}>{word}</Badge>;
}

/** Payments that a bank has questioned; most accounts have none, and see nothing. */
export function Disputes() {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.billing.listDisputes.queryOptions());
  if (!data?.data.length) return null;
  return (
    <section className="grid gap-3">
      <h2 className="font-semibold">Disputed payments</h2>
      <p className="text-sm text-soft">
        While a bank questions a payment nothing changes. If it takes the money back, the plan that
        it paid for ends; nothing is deleted.
      </p>
      <Table label="Disputed payments">
        <Head columns={['Reason', 'State', 'Since', { name: 'Amount', isFigure: true }]} />
        <tbody>
          {data.data.map(({ amount, id, opened_at, reason, status }) => (
            <Row key={id}>
              <Td>{reason}</Td>
              <Td>
                <DisputeState status={status} />
              </Td>
              <Td>
                <Time at={opened_at} />
              </Td>
              <Td className="text-right tabular-nums">{formatRupees(amount)}</Td>
            </Row>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
