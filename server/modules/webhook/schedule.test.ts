import { describe, expect, test } from 'vitest';
import { delays, nextAttemptAt, readRetryAfter } from './schedule.ts';

const now = Date.UTC(2026, 10, 23, 12);
const seconds = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

describe('the schedule', () => {
  test('has ten attempts, from at once to a day after the one before', () => {
    expect(delays).toEqual(seconds.map((each) => each * 1_000));
  });

  test.each(seconds.map((each, tries) => [tries, each * 1_000]))(
    'after %i failures varies its pause by a fifth, and no more',
    (tries, delay) => {
      const pauseAt = (random: number) => (nextAttemptAt({ now, tries }, () => random) ?? 0) - now;
      expect(pauseAt(0)).toBe(delay * 0.8);
      expect(pauseAt(0.5)).toBe(delay);
      expect(pauseAt(1)).toBe(delay * 1.2);
    },
  );

  test('stays within a fifth whatever chance brings', () => {
    for (let round = 0; round < 1_000; round++) {
      const pause = (nextAttemptAt({ now, tries: 2 }) ?? 0) - now;
      expect(pause).toBeGreaterThanOrEqual(240_000);
      expect(pause).toBeLessThanOrEqual(360_000);
    }
  });

  test('is over after the tenth attempt', () => {
    expect(nextAttemptAt({ now, tries: 9 })).toBeDefined();
    expect(nextAttemptAt({ now, tries: 10 })).toBeUndefined();
  });

  test('waits as long as a receiver asks, and never less than planned or more than a day', () => {
    const next = (retryAfterMs: number, tries = 1) =>
      (nextAttemptAt({ now, tries, retryAfterMs }, () => 0.5) ?? 0) - now;
    expect(next(60_000)).toBe(60_000);
    expect(next(1_000)).toBe(5_000);
    expect(next(10 * 86_400_000)).toBe(86_400_000);
  });
});

describe('Retry-After', () => {
  test.each<[string | undefined, number]>([
    ['120', 120_000],
    [' 7 ', 7_000],
    ['0', 0],
    [new Date(now + 30_000).toUTCString(), 30_000],
    [new Date(now - 30_000).toUTCString(), 0],
    ['-5', 0],
    ['soon', 0],
    ['', 0],
    [undefined, 0],
    ['99999999999999999999', 86_400_000],
  ])('%j asks for %i milliseconds', (header, expected) => {
    expect(readRetryAfter(header, now)).toBe(expected);
  });
});
