import { expect, test } from 'vitest';
import { savedBytes } from './saved-bytes.ts';

test('a smaller file of the same kind saves the difference', () => {
  const png = { type: 'png' as const, size: 1_000 };
  expect(savedBytes([png], [{ mime: 'image/webp', size: 300 }])).toBe(700);
  expect(savedBytes([png, png], [{ mime: 'image/webp', size: 300 }])).toBe(1_700);
});

test('a larger file, one of another kind and a missing one save nothing', () => {
  const png = { type: 'png' as const, size: 1_000 };
  expect(savedBytes([png], [{ mime: 'image/webp', size: 3_000 }])).toBe(0);
  expect(savedBytes([png], [{ mime: 'application/pdf', size: 300 }])).toBe(0);
  expect(savedBytes([{ type: 'docx', size: 900 }], [{ mime: 'application/pdf', size: 3 }])).toBe(0);
  expect(savedBytes([png], [])).toBe(0);
  expect(savedBytes([], [{ mime: 'application/pdf', size: 300 }])).toBe(0);
});
