import { expect, test } from 'vitest';
import { drawTime, inShare, lastDays, lastMonths, toCsv, type UsageRow } from './totals.ts';

const row = (period: string, tool: string | null, succeeded: number, failed = 0): UsageRow => ({
  period,
  tool,
  key_id: tool === null ? 'key_1' : null,
  calls: succeeded + failed,
  succeeded,
  failed,
  bytes_in: 10,
  bytes_out: 5,
  bytes_saved: 4,
  run_ms: succeeded * 100,
  p50_ms: 80,
  p95_ms: null,
});

const rows = [row('2026-11-22', 'a', 6), row('2026-11-23', 'a', 3, 1)];

test('a share is of the calls, and unknown without any', () => {
  expect(inShare({ calls: 12, succeeded: 11 })).toBe('91.7 %');
  expect(inShare({ calls: 0, succeeded: 0 })).toBe('–');
});

test('time is drawn as its percentiles, and as nothing where there are none', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect(lastDays(rows, 2, { draw: drawTime, now })).toEqual([
    { label: '2026-11-21', good: 0, bad: 0 },
    { label: '2026-11-22', good: 80, bad: 0 },
  ]);
});

test('days and months without calls have a bar of nothing', () => {
  expect(lastDays(rows, 3, { now: Date.parse('2026-11-23T23:59:59Z') })).toEqual([
    { label: '2026-11-21', good: 0, bad: 0 },
    { label: '2026-11-22', good: 6, bad: 0 },
    { label: '2026-11-23', good: 3, bad: 1 },
  ]);
  const months = lastMonths([row('2026-01', 'a', 1)], 2, { now: new Date('2026-01-31T00:00:00Z') });
  expect(months.map(({ label }) => label)).toEqual(['2025-12', '2026-01']);
});

test('a spreadsheet gets a row for each counter, of a tool or of a key', () => {
  expect(toCsv(rows).split('\r\n')[2]).toBe('2026-11-23,a,,4,3,1,10,5,4,300,80,');
  expect(toCsv([row('2026-11', null, 1)]).split('\r\n')[1]).toBe(
    '2026-11,,key_1,1,1,0,10,5,4,100,80,',
  );
});
