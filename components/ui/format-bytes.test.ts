import { expect, test } from 'vitest';
import { formatBytes } from './format-bytes.ts';

test('sizes read as a person says them, with three digits at most', () => {
  expect([0, 824, 1000, 1_440_000, 123_456_789, 5e12].map(formatBytes)).toEqual([
    '0 B',
    '824 B',
    '1.0 kB',
    '1.4 MB',
    '123 MB',
    '5000 GB',
  ]);
});
