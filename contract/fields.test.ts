import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { color, colorToRgba, length, pages } from './fields.ts';
import { lengthToPoints } from './lengths.ts';
import { resolvePages } from './page-ranges.ts';

// Properties run a hundred cases or more; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const accepts = (schema: { safeParse: (value: unknown) => { success: boolean } }, text: unknown) =>
  schema.safeParse(text).success;

describe('length', () => {
  test.each(['10mm', '1.5cm', '8.27in', '72pt', '96px', '96', '0'])('%s is a length', (text) => {
    expect(accepts(length(), text)).toBe(true);
  });

  test.each(['', '-1mm', '1 mm', '1em', 'mm', '1e3mm', '100000mm', '1.mm', '１mm', '10mm;', 10])(
    '%j is not a length',
    (text) => {
      expect(accepts(length(), text)).toBe(false);
    },
  );

  test.each([
    ['1in', 72],
    ['25.4mm', 72],
    ['2.54cm', 72],
    ['72pt', 72],
    ['96px', 72],
    ['96', 72],
  ])('%s is 72 points', (text, points) => {
    expect(lengthToPoints(text)).toBeCloseTo(points, 9);
  });
});

describe('color', () => {
  test.each([
    ['#fff', [255, 255, 255, 255]],
    ['#1a2B3c', [26, 43, 60, 255]],
    ['#1a2b3c80', [26, 43, 60, 128]],
  ])('%s is red, green, blue and alpha', (text, rgba) => {
    expect(accepts(color(), text)).toBe(true);
    expect(colorToRgba(text)).toEqual(rgba);
  });

  test.each(['fff', '#ffff', '#ggg', '#fffffff', 'red', '#fff ', ''])('%j is no colour', (text) => {
    expect(accepts(color(), text)).toBe(false);
  });
});

describe('page grammar', () => {
  test.each([
    ['all', [1, 2, 3, 4, 5, 6]],
    ['1', [1]],
    ['2-4', [2, 3, 4]],
    ['4-2', [2, 3, 4]],
    ['4-', [4, 5, 6]],
    ['4-last', [4, 5, 6]],
    ['last', [6]],
    ['odd', [1, 3, 5]],
    ['even', [2, 4, 6]],
    ['!4', [1, 2, 3, 5, 6]],
    ['!odd', [2, 4, 6]],
    ['!last', [1, 2, 3, 4, 5]],
    ['!2-4', [1, 5, 6]],
    ['!1,!2', [3, 4, 5, 6]],
    ['all,!2-3,!last', [1, 4, 5]],
    ['odd,2', [1, 2, 3, 5]],
    ['3,1,2,1,1-2', [1, 2, 3]],
    ['!all', []],
    [' 1 - 3 , 5 ', [1, 2, 3, 5]],
    ['6', [6]],
    ['6-', [6]],
  ])('%s of 6 pages', (text, expected) => {
    expect(accepts(pages(), text)).toBe(true);
    expect(resolvePages(text, 6)).toEqual({ pages: expected, outOfRange: undefined });
  });

  test('what is excluded stays out, wherever the exclusion stands', () => {
    expect(resolvePages('!3,1-5', 6).pages).toEqual([1, 2, 4, 5]);
    expect(resolvePages('1-5,!3,2-4', 6).pages).toEqual([1, 2, 4, 5]);
  });

  test.each([
    ['7', 7],
    ['5-9', 9],
    ['9-5', 9],
    ['8-', 8],
    ['8-last', 8],
    ['1,7,8', 7],
    ['!7', 7],
    ['999999', 999_999],
  ])('%s of 6 pages names the first page past the end', (text, page) => {
    expect(resolvePages(text, 6).outOfRange).toBe(page);
  });

  test('words alone are never out of range, also in a document of one page', () => {
    for (const text of ['all', 'odd', 'even', 'last', '!last', '!even'])
      expect(resolvePages(text, 1).outOfRange).toBeUndefined();
    expect(resolvePages('even', 1).pages).toEqual([]);
  });

  test.each([
    '',
    ' ',
    '0',
    '01',
    '-1',
    '1-0',
    '1--2',
    '1,',
    ',1',
    '1,,2',
    '1;2',
    '1 2',
    '!!1',
    'first',
    'ALL',
    'last-1',
    'odd-even',
    'last+1',
    '1.5',
    '1e3',
    '１',
    '1000000',
    '1-999999999',
    `${'1,'.repeat(300)}1`,
    1,
    null,
  ])('%j is refused', (text) => {
    expect(accepts(pages(), text)).toBe(false);
  });

  test('any list gives ascending pages of the document, each once', () => {
    const number = fc.integer({ min: 1, max: 30 });
    const term = fc.oneof(
      fc.constantFrom('all', 'odd', 'even', 'last'),
      number.map(String),
      number.map((from) => `${from}-`),
      fc.tuple(number, number).map(([from, to]) => `${from}-${to}`),
    );
    const signed = fc.tuple(fc.boolean(), term).map(([out, text]) => (out ? `!${text}` : text));
    fc.assert(
      fc.property(fc.array(signed, { minLength: 1, maxLength: 8 }), number, (terms, count) => {
        const text = terms.join(',');
        expect(accepts(pages(), text)).toBe(true);
        const { pages: found } = resolvePages(text, count);
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
        for (const page of found) expect(page >= 1 && page <= count).toBe(true);
        const out = terms.filter((each) => each.startsWith('!')).map((each) => each.slice(1));
        for (const each of out)
          for (const page of resolvePages(each, count).pages) expect(found).not.toContain(page);
      }),
    );
  });

  test('no text takes long to refuse', () => {
    const hostile = [
      `${'1-'.repeat(249)}x`,
      `${'1 , '.repeat(124)}x`,
      ' '.repeat(499),
      '1'.repeat(499),
    ];
    for (const text of hostile) expect(accepts(pages(), text)).toBe(false);
  });
});
