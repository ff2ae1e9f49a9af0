import { AppError } from '@nebula/contract/errors';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { decodeFields } from './decode-fields.ts';

// Properties run a hundred cases or more; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const schema = z.strictObject({
  name: z.string().optional(),
  width: z.int().optional(),
  scale: z.number().optional(),
  rotate: z.literal([0, 90]).optional(),
  is_set: z.boolean().optional(),
  mode: z.enum(['fit', '1']).optional(),
  either: z.union([z.int(), z.enum(['auto'])]).optional(),
  margin: z.strictObject({ top: z.string().optional(), order: z.int().optional() }).optional(),
  variants: z
    .array(z.strictObject({ width: z.int().optional(), name: z.string().optional() }))
    .optional(),
  types: z.array(z.string()).optional(),
  sizes: z.array(z.int()).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  deep: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.string()))).optional(),
});

const decode = (...fields: [string, string][]) => decodeFields(fields, schema);

describe('a text becomes what the schema says of its field', () => {
  test.each<[string, string, unknown]>([
    ['name', '5', '5'],
    ['name', 'true', 'true'],
    ['name', '{"a":1}', '{"a":1}'],
    ['name', '', ''],
    ['width', '320', 320],
    ['width', '-5', -5],
    ['width', ' 7 ', 7],
    ['width', '1.5', 1.5],
    ['scale', '.5', 0.5],
    ['scale', '1e2', 100],
    ['rotate', '90', 90],
    ['is_set', 'true', true],
    ['is_set', 'false', false],
    ['mode', '1', '1'],
    ['either', '4', 4],
    ['either', 'auto', 'auto'],
    ['margin', '{"top":"1mm"}', { top: '1mm' }],
    ['variants', '[{"width":1}]', [{ width: 1 }]],
    ['types', '["a","b"]', ['a', 'b']],
    ['types', 'a', ['a']],
    ['sizes', '5', [5]],
    ['headers', '{"Accept":"x"}', { Accept: 'x' }],
  ])('%s=%s', (name, text, value) => {
    expect(decode([name, text])).toEqual({ [name]: value });
  });

  test.each<[string, string]>([
    ['width', ''],
    ['width', 'wide'],
    ['width', '0x10'],
    ['width', '1,5'],
    ['width', 'NaN'],
    ['width', 'Infinity'],
    ['width', '1e9999'],
    ['is_set', 'TRUE'],
    ['is_set', '1'],
    ['margin', '{"top":'],
    ['margin', '5'],
  ])('%s=%s cannot be decoded: it stays text, and the schema refuses it', (name, text) => {
    const input = decode([name, text]);
    expect(input).toEqual({ [name]: text });
    expect(schema.safeParse(input).success).toBe(false);
  });

  test('lists in each other without end are text, and the schema refuses it', () => {
    const text = '['.repeat(5_000) + ']'.repeat(5_000);
    expect(decode(['types', text])).toEqual({ types: text });
  });

  test('an unknown field stays, so that the schema can name it', () => {
    expect(decode(['nothing', '5'])).toEqual({ nothing: '5' });
  });
});

describe('names may be nested', () => {
  test('objects, lists and both together', () => {
    const input = decode(
      ['margin[top]', '10mm'],
      ['margin[order]', '3'],
      ['variants[0][width]', '100'],
      ['variants[1][name]', '200'],
      ['types[]', 'a'],
      ['types[]', 'b'],
      ['headers[X-Custom]', '5'],
    );
    expect(input).toEqual({
      margin: { top: '10mm', order: 3 },
      variants: [{ width: 100 }, { name: '200' }],
      types: ['a', 'b'],
      headers: { 'X-Custom': '5' },
    });
    expect(schema.safeParse(input).success).toBe(true);
  });

  test('a name that looks like a number is a name where the schema says object', () => {
    expect(decode(['headers[1]', 'x'])).toEqual({ headers: { 1: 'x' } });
  });

  test('a field that comes twice is a list, which the schema of a single value refuses', () => {
    const input = decode(['width', '1'], ['width', '2'], ['width', '3']);
    expect(input).toEqual({ width: [1, 2, 3] });
    expect(schema.safeParse(input).success).toBe(false);
    expect(decode(['types', 'a'], ['types', 'b'])).toEqual({ types: ['a', 'b'] });
  });
});

describe('a name that no field can have is refused', () => {
  test.each([
    '',
    '[]',
    '[a]',
    'a[',
    'a]',
    'a[b',
    'a[b]c',
    'a[[b]]',
    'deep[a][b][c][d]',
    `name${'[b]'.repeat(5000)}`,
    '__proto__',
    '__proto__[x]',
    'constructor',
    'constructor[prototype][x]',
    'prototype',
    'headers[__proto__]',
    'headers[constructor]',
    'variants[4294967294]',
    'variants[1001][width]',
  ])('%j', (name) => {
    expect(() => decode([name, '1'])).toThrow(AppError);
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  test.each<[string, [string, string][]]>([
    [
      'a length of a list',
      [
        ['variants[0][width]', '1'],
        ['variants[length]', '99999999'],
      ],
    ],
    [
      'a method of a list',
      [
        ['types[]', 'a'],
        ['types[map]', 'x'],
      ],
    ],
    ['a padded index', [['variants[01][width]', '1']]],
    [
      'a list entry in an object',
      [
        ['margin[top]', '1'],
        ['margin[]', '2'],
      ],
    ],
    [
      'a part of a text',
      [
        ['name', 'x'],
        ['name[a]', 'y'],
      ],
    ],
  ])('%s', (_what, fields) => {
    expect(() => decode(...fields)).toThrow(AppError);
  });

  test('the message shows the name, shortened', () => {
    const name = 'x['.repeat(500);
    expect(() => decode([name, '1'])).toThrow(/^Expected a field name such as .{1,120}\.$/);
  });
});

test('any text in a text field arrives as it was sent', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decode(['name', text])).toEqual({ name: text });
      expect(decode(['margin[top]', text])).toEqual({ margin: { top: text } });
      expect(decode(['headers[a]', text])).toEqual({ headers: { a: text } });
      expect(decode(['variants[0][name]', text])).toEqual({ variants: [{ name: text }] });
    }),
  );
});

test('any number and any boolean arrives as it was', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(number, fc.boolean(), (scale, flag) => {
      const input = decode(['scale', String(scale)], ['is_set', String(flag)]);
      expect(input).toEqual({ scale: scale === 0 ? 0 : scale, is_set: flag });
    }),
  );
});

test('any names at all give an object or a refusal, and touch nothing else', () => {
  const part = fc.oneof(
    fc.constantFrom('name', 'variants', 'types', 'headers', 'deep', 'margin', '0', '1', 'length'),
    fc.constantFrom('__proto__', 'constructor', 'toString', '', '-1', '1e3'),
    fc.string({ maxLength: 4 }),
  );
  const name = fc
    .tuple(part, fc.array(part, { maxLength: 4 }))
    .map(([first, rest]) => first + rest.map((each) => `[${each}]`).join(''));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, fc.string({ maxLength: 5 })), { maxLength: 8 }),
      (fields) => {
        try {
          expect(typeof decode(...fields)).toBe('object');
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(Object.keys(Array.prototype)).toEqual([]);
      },
    ),
    { numRuns: 2000 },
  );
});
