import { expect, test } from 'vitest';
import { nextWarning } from './warning.ts';

const day = 24 * 60 * 60 * 1000;
const now = Date.UTC(2026, 1, 28);

const warnAtOf = (validUntil: number | undefined) => nextWarning(validUntil, now).set.warnAt;

test('a key is warned of a week and a day before its end, whichever comes next', () => {
  expect(warnAtOf(now + 30 * day)).toBe(now + 23 * day);
  expect(warnAtOf(now + 7 * day + 1)).toBe(now + 1);
  expect(warnAtOf(now + 7 * day)).toBe(now + 6 * day);
  expect(warnAtOf(now + 2 * day)).toBe(now + day);
});

test('a key without an end, or with one that is nearer or past, is not warned of', () => {
  for (const end of [undefined, now + day, now, now - day])
    expect(nextWarning(end, now)).toEqual({ set: {}, remove: ['watch', 'warnAt'] });
});
