import { describe, expect, test } from 'vitest';
import { nextOpening } from './office-hours.ts';

const office = { hours: 'Mon-Fri 09:00-18:00', timezone: 'Asia/Kolkata' };
const opening = (now: string, hours = office) =>
  new Date(nextOpening(hours, Date.parse(now))).toISOString();

describe('office hours', () => {
  test('without any, somebody is always there', () => {
    const now = '2026-11-22T03:00:01.000Z';
    expect(opening(now, { ...office, hours: '' })).toBe(now);
  });

  test.each([
    ['the first minute', '2026-11-23T03:30:00.000Z'],
    ['the last minute', '2026-11-27T12:29:59.000Z'],
  ])('somebody is there in %s', (_when, now) => {
    expect(opening(now)).toBe(now);
  });

  test.each([
    ['before the day begins', '2026-11-24T01:00:00.000Z', '2026-11-24T03:30:00.000Z'],
    ['from closing time on', '2026-11-24T12:30:00.000Z', '2026-11-25T03:30:00.000Z'],
    ['over the weekend', '2026-11-27T12:30:00.000Z', '2026-11-30T03:30:00.000Z'],
  ])('%s the next opening is told in the own time zone', (_when, now, expected) => {
    expect(opening(now)).toBe(expected);
  });

  test('a week may run over its end', () => {
    const weekend = { hours: 'Sat-Mon 10:00-12:00', timezone: 'UTC' };
    expect(opening('2026-11-22T11:00:00.000Z', weekend)).toBe('2026-11-22T11:00:00.000Z');
    expect(opening('2026-11-24T11:00:00.000Z', weekend)).toBe('2026-11-28T10:00:00.000Z');
  });
});
