import { Logs } from 'lucide-react';
import { Badge } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import type { LogLine } from './log-window.tsx';

/** Calls, the newest first; each opens its details. */
export function LogTable({
  isFiltered,
  lines,
  onOpen,
}: {
  isFiltered: boolean;
  lines: LogLine[];
  onOpen: (line: LogLine) => void;
}) {
  if (lines.length === 0) return <NoLines isFiltered={isFiltered} />;
  return (
    <Table label="Calls">
      <Head
        columns={[
          'When',
          'Tool',
          'Answer',
          { name: 'Time', isFigure: true },
          { name: 'In', isFigure: true },
          { name: 'Out', isFigure: true },
          'From',
        ]}
      />
      <tbody>
        {lines.map((line) => (
          <Row key={line.id} className="whitespace-nowrap">
            <Td>
              <Time at={line.created_at} />
            </Td>
            <Td>
              <button
                type="button"
                onClick={() => onOpen(line)}
                aria-label={`Details of ${line.tool}, ${line.request_id}`}
                className="rounded font-mono text-xs text-accent underline"
              >
                {line.tool}
              </button>
            </Td>
            <Td>
              <Answer line={line} />
            </Td>
            <Td className="text-right tabular-nums">{Math.round(line.total_ms)} ms</Td>
            <Td className="text-right tabular-nums">{formatBytes(line.bytes_in)}</Td>
            <Td className="text-right tabular-nums">{formatBytes(line.bytes_out)}</Td>
            <Td className="font-mono text-xs">{line.address}</Td>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** The status of an answer, and the code of its error. */
export function Answer({ line: { code, status } }: { line: LogLine }) {
  const tone = status < 400 ? 'good' : status < 500 ? 'warn' : 'bad';
  return (
    <>
      <Badge tone={tone}>{status}</Badge>
      {code !== null && <span className="ml-2 font-mono text-xs text-soft">{code}</span>}
    </>
  );
}

function NoLines({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState icon={Logs} title="No such calls">
      None of the last 30 days is like that. Widen the filters.
    </EmptyState>
  ) : (
    <EmptyState icon={Logs} title="No calls yet">
      Call a tool with one of your keys or in the playground: its status, sizes and times appear
      here, and what was sent is not kept.
    </EmptyState>
  );
}
