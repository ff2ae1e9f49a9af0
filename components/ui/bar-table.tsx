import type { Bar } from './bar-chart.tsx';
import { Row, Table, Td, Th } from './table.tsx';

/** The figures of a bar chart, the latest first: for those who cannot see or hover over it. */
export function BarTable({ bars, label }: { bars: Bar[]; label: string }) {
  return (
    <details className="mt-4 text-sm">
      <summary className="text-soft">Show as table</summary>
      <Table label={`${label}, as table`} className="mt-3 max-h-80 overflow-y-auto">
        <thead>
          <tr>
            <Th>Period</Th>
            <Th className="text-right">Succeeded</Th>
            <Th className="text-right">Failed</Th>
          </tr>
        </thead>
        <tbody>
          {bars.toReversed().map(({ bad, good, label: period }) => (
            <Row key={period} className="tabular-nums">
              <Td className="py-2 whitespace-nowrap">{period}</Td>
              <Td className="py-2 text-right">{good.toLocaleString('en')}</Td>
              <Td className="py-2 text-right">{bad.toLocaleString('en')}</Td>
            </Row>
          ))}
        </tbody>
      </Table>
    </details>
  );
}
