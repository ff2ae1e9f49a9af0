import { type Bar, type BarFacts, outcomes } from './bar-chart.tsx';
import { Row, Table, Td, Th } from './table.tsx';

/** The figures of a bar chart, the latest first: for those who cannot see or hover over it. */
export function BarTable({
  bars,
  facts: {
    format,
    names: [first, second],
  } = outcomes,
  label,
}: {
  bars: Bar[];
  facts?: BarFacts;
  label: string;
}) {
  return (
    <details className="mt-4 text-sm">
      <summary className="text-soft">Show as table</summary>
      <Table label={`${label}, as table`} className="mt-3 max-h-80 overflow-y-auto">
        <thead>
          <tr>
            <Th>Period</Th>
            <Th className="text-right capitalize">{first}</Th>
            {second && <Th className="text-right capitalize">{second}</Th>}
          </tr>
        </thead>
        <tbody>
          {bars.toReversed().map(({ bad, good, label: period }) => (
            <Row key={period} className="tabular-nums">
              <Td className="py-2 whitespace-nowrap">{period}</Td>
              <Td className="py-2 text-right">{format(good)}</Td>
              {second && <Td className="py-2 text-right">{format(bad)}</Td>}
            </Row>
          ))}
        </tbody>
      </Table>
    </details>
  );
}
