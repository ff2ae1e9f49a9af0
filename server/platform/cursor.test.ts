import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { readCursor, signCursor } from './cursor.ts';

beforeAll(() => {
  process.env.AUTH_SECRET ??= 'a secret for tests of 32 characters';
  process.env.MEDIA_TOKEN ??= 'a token for tests of media';
});

test('a cursor gives back the position that it was made for, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (position) => {
      expect(readCursor('list:usr_1', signCursor('list:usr_1', position))).toBe(position);
    }),
  );
});

test('the cursor of another account or another list is refused', () => {
  const cursor = signCursor('audit-logs:usr_1', 'evt_5');
  for (const list of ['audit-logs:usr_2', 'jobs:usr_1', 'audit-logs:usr_1:', ''])
    expect(() => readCursor(list, cursor), list).toThrow(/next_cursor of this very list/);
});

test('every change of a single character of a cursor is refused', () => {
  const cursor = signCursor('list:usr_1', 'evt_5');
  for (let at = 0; at < cursor.length; at++) {
    for (const char of 'aB0-_.=') {
      if (cursor[at] === char) continue;
      const forged = cursor.slice(0, at) + char + cursor.slice(at + 1);
      expect(() => readCursor('list:usr_1', forged), forged).toThrow();
    }
  }
});

test.each(['', '.', 'x', 'a.b.c', `${'a'.repeat(5000)}.b`, '\u0000', '../..'])(
  '%j is no cursor',
  (text) => {
    expect(() => readCursor('list:usr_1', text)).toThrow(/Expected a cursor/);
  },
);
