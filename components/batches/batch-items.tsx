import type { BatchWithItems } from '@nebula/contract/batch';
import Link from 'next/link';
import { JobState } from '../jobs/job-table.tsx';
import { Badge } from '../ui/card.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Head, Row, Table, Td } from '../ui/table.tsx';

type Item = BatchWithItems['items'][number];

/** The inputs in the order in which they were sent, each with its state and what came of it. */
export function BatchItems({ items }: { items: Item[] }) {
  return (
    <Table label="Inputs">
      <Head columns={[{ name: '#', isFigure: true }, 'Input', 'State', 'Output']} />
      <tbody>
        {items.map((item) => (
          <Row key={item.job_id}>
            <Td className="text-right text-faint tabular-nums">{item.index + 1}</Td>
            <Td>
              <Name item={item} />
            </Td>
            <Td>
              {item.status === 'deleted' ? (
                <Badge>deleted</Badge>
              ) : (
                <JobState status={item.status} />
              )}
            </Td>
            <Td>
              <Outcome item={item} />
            </Td>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** A job that still waits for its turn, or is gone, has no page. */
function Name({ item: { input, job_id, status } }: { item: Item }) {
  const name = input.url ?? input.filename;
  if (status === 'deleted' || status === 'queued')
    return <span className="block max-w-80 truncate">{name}</span>;
  return (
    <Link
      href={`/dashboard/jobs/${job_id}`}
      className="block max-w-80 truncate text-accent underline"
    >
      {name}
    </Link>
  );
}

function Outcome({ item: { error, files } }: { item: Item }) {
  if (error)
    return (
      <span className="block min-w-48 text-xs">
        <Link href={`/docs/errors#${error.code}`} className="font-mono text-bad underline">
          {error.code}
        </Link>{' '}
        {error.message}
      </span>
    );
  const [first, ...rest] = files;
  if (!first) return <span className="text-faint">–</span>;
  return (
    <span className="flex min-w-40 flex-wrap gap-x-2">
      <a href={first.url} className="max-w-56 truncate text-accent underline">
        {first.filename}
      </a>
      <span className="whitespace-nowrap text-faint">
        {rest.length > 0 ? `and ${rest.length} more` : formatBytes(first.size)}
      </span>
    </span>
  );
}
