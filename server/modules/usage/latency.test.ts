import { expect, test } from 'vitest';
import { latenciesOf, latencyClassOf, percentileOf } from './latency.ts';

test('a call counts in the class that ends at or above its latency', () => {
  expect(latencyClassOf(0)).toBe('ms5');
  expect(latencyClassOf(5)).toBe('ms5');
  expect(latencyClassOf(5.1)).toBe('ms10');
  expect(latencyClassOf(300_000)).toBe('ms300000');
  expect(latencyClassOf(300_001)).toBe('msOver');
});

test('a percentile lies in the class of the call that it names', () => {
  const latencies = { ms10: 90, ms1000: 9, msOver: 1 };
  expect(percentileOf(latencies, 50)).toBeGreaterThan(5);
  expect(percentileOf(latencies, 50)).toBeLessThanOrEqual(10);
  expect(percentileOf(latencies, 95)).toBeGreaterThan(750);
  expect(percentileOf(latencies, 95)).toBeLessThanOrEqual(1_000);
  expect(percentileOf(latencies, 100)).toBe(300_000);
});

test('without calls there is no percentile', () => {
  expect(percentileOf({}, 50)).toBeNull();
  expect(percentileOf(latenciesOf({}), 95)).toBeNull();
});

test('a single call has both percentiles in its class', () => {
  for (const percent of [50, 95]) {
    expect(percentileOf({ ms500: 1 }, percent)).toBeGreaterThan(300);
    expect(percentileOf({ ms500: 1 }, percent)).toBeLessThanOrEqual(500);
  }
});
