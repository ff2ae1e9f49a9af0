'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';

/** What was changed in the account, by whom and from where. */
export function AuditLog() {
  const trpc = useTRPC();
  const log = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(
      { limit: 50 },
      { getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined },
    ),
  );
  return (
    <>
      <PageHeader title="Audit log">
        Sign-ins and every change of keys, plan and account. Nothing here can be edited or deleted.
      </PageHeader>
      <QueryView query={log} height="h-96">
        {({ pages }) => (
          <Table label="Audit log">
            <Head columns={['When', 'What', 'By', 'From', 'Change']} />
            <tbody>
              {pages
                .flatMap(({ data }) => data)
                .map(({ action, actor, address, after, before, created_at, id, target }) => (
                  <Row key={id}>
                    <Td>
                      <Time at={created_at} />
                    </Td>
                    <Td>
                      <span className="font-mono text-xs">{action}</span>
                      <span className="block max-w-44 truncate text-xs text-faint">
                        {target.id}
                      </span>
                    </Td>
                    <Td className="whitespace-nowrap">{actor.kind}</Td>
                    <Td className="font-mono text-xs">{address ?? '–'}</Td>
                    <Td className="font-mono text-xs text-soft">
                      {before || after ? changeOf(before, after) : '–'}
                    </Td>
                  </Row>
                ))}
            </tbody>
          </Table>
        )}
      </QueryView>
      <LoadMore list={log} />
    </>
  );
}

type Facts = Record<string, unknown> | null;

/** `plan: free → pro`, one fact after another. */
function changeOf(before: Facts, after: Facts): string {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const text = (value: unknown) => (value === undefined ? '' : String(value));
  return [...names]
    .map((name) => {
      const [old, now] = [text(before?.[name]), text(after?.[name])];
      return old === '' ? `${name}: ${now}` : `${name}: ${old} → ${now}`;
    })
    .join(', ');
}
