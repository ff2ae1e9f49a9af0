'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Row, Table, Td, Th } from '../ui/table.tsx';
import { inTime, type UsageRow } from './totals.ts';

export type GroupBy = 'tool' | 'key';

/** The sums of each tool or key, the busiest first. */
export function UsageTable({
  groupBy,
  groups,
}: {
  groups: Omit<UsageRow, 'period'>[];
  groupBy: GroupBy;
}) {
  const nameOf = useKeyNames(groupBy === 'key');
  return (
    <Table label={groupBy === 'tool' ? 'Usage by tool' : 'Usage by key'}>
      <thead>
        <tr>
          <Th>{groupBy === 'tool' ? 'Tool' : 'Key'}</Th>
          <Th className="text-right">Calls</Th>
          <Th className="text-right">Failed</Th>
          <Th className="text-right">p50</Th>
          <Th className="text-right">p95</Th>
          <Th className="text-right">In</Th>
          <Th className="text-right">Out</Th>
          <Th className="text-right">Saved</Th>
        </tr>
      </thead>
      <tbody>
        {groups.map(({ key_id, tool, ...sums }) => (
          <Row key={tool ?? key_id} className="whitespace-nowrap tabular-nums">
            <Td className="font-mono text-xs">{tool ?? nameOf(key_id)}</Td>
            <Td className="text-right">{sums.calls.toLocaleString('en')}</Td>
            <Td className="text-right">{sums.failed.toLocaleString('en')}</Td>
            <Td className="text-right">{inTime(sums.p50_ms)}</Td>
            <Td className="text-right">{inTime(sums.p95_ms)}</Td>
            <Td className="text-right">{formatBytes(sums.bytes_in)}</Td>
            <Td className="text-right">{formatBytes(sums.bytes_out)}</Td>
            <Td className="text-right">{formatBytes(sums.bytes_saved)}</Td>
          </Row>
        ))}
        {groups.length === 0 && (
          <Row>
            <Td colSpan={8} className="text-center text-soft">
              Nothing has run in this time.
            </Td>
          </Row>
        )}
      </tbody>
    </Table>
  );
}

/** Names of the keys that there are; one that was deleted keeps its id. */
export function useKeyNames(isWanted: boolean): (id: string | null) => string {
  const trpc = useTRPC();
  const keys = useQuery({ ...trpc.apiKeys.list.queryOptions({}), enabled: isWanted });
  return (id) =>
    id === null ? 'the dashboard' : (keys.data?.data.find((key) => key.id === id)?.name ?? id);
}
