'use client';

import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import Link from 'next/link';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Badge } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import type { ApiKey } from './key-row.tsx';

const shown = 3;

/** The keys that were used last, those in use before those that never were. */
export function LatestKeys() {
  const trpc = useTRPC();
  const keys = useQuery(trpc.apiKeys.list.queryOptions({}));
  return (
    <section className="grid gap-3">
      <div className="flex items-baseline justify-between">
        <h2 className="font-semibold">Keys last used</h2>
        <Link href="/dashboard/keys" className="text-sm text-accent underline">
          All keys
        </Link>
      </div>
      <QueryView query={keys} height="h-32">
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState icon={KeyRound} title="No keys yet">
              Programs call with a key; make the first one above.
            </EmptyState>
          ) : (
            <KeyList keys={data.toSorted(byLastUse).slice(0, shown)} />
          )
        }
      </QueryView>
    </section>
  );
}

function KeyList({ keys }: { keys: ApiKey[] }) {
  return (
    <Table label="Keys last used">
      <Head columns={['Name', 'Key', 'Last used']} />
      <tbody>
        {keys.map(({ id, is_enabled, last4, last_used_at, name, prefix }) => (
          <Row key={id}>
            <Td>
              {name}
              {!is_enabled && (
                <Badge tone="warn" className="ml-2">
                  off
                </Badge>
              )}
            </Td>
            <Td className="font-mono text-xs whitespace-nowrap">
              {prefix}…{last4}
            </Td>
            <Td>
              {last_used_at ? (
                <Time at={last_used_at} />
              ) : (
                <span className="text-faint">never</span>
              )}
            </Td>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

const byLastUse = (a: ApiKey, b: ApiKey) =>
  (b.last_used_at ?? '').localeCompare(a.last_used_at ?? '');
