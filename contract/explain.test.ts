import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { AppError, type FieldError } from './errors.ts';
import { jsonSchemaOf, parseInput } from './explain.ts';
import { tools } from './tools/index.ts';

// Properties run a hundred cases or more; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const schema = z.strictObject({
  scale: z.number().min(0.1).max(2).optional(),
  width: z.int().min(1).max(16383).optional(),
  least: z.number().min(5).optional(),
  most: z.number().max(5).optional(),
  any_number: z.number().optional(),
  mode: z.enum(['fit', 'fill']).optional(),
  name: z.string().min(1).max(10).optional(),
  is_set: z.boolean().optional(),
  color: z.string().regex(/^#/, 'Expected a colour such as #fff.').optional(),
  margin: z.strictObject({ top: z.int().min(0).max(9) }).optional(),
  list: z
    .array(z.strictObject({ width: z.int().min(1).max(5) }))
    .max(3)
    .optional(),
  extra: z.record(z.string(), z.string()).optional(),
  either: z.union([z.int().min(1).max(9), z.enum(['auto'])]).optional(),
  needed: z.int().min(1).max(9),
});

function explain(input: unknown): FieldError & { all: FieldError[]; error: AppError } {
  try {
    parseInput(schema, input);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const all = error.details.errors ?? [];
    return { ...(all[0] as FieldError), all, error };
  }
  throw new Error('the input was accepted');
}

describe('a wrong field is explained by name, by what was expected and by what came', () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ scale: 9 }, 'scale', 'Expected scale between 0.1 and 2, received 9.'],
    [{ width: 0 }, 'width', 'Expected width to be a whole number between 1 and 16383, received 0.'],
    [
      { width: 1.5 },
      'width',
      'Expected width to be a whole number between 1 and 16383, received 1.5.',
    ],
    [
      { width: 'wide' },
      'width',
      'Expected width to be a whole number between 1 and 16383, received "wide".',
    ],
    [{ least: 4 }, 'least', 'Expected least of at least 5, received 4.'],
    [{ most: 6 }, 'most', 'Expected most of at most 5, received 6.'],
    [{ any_number: 'x' }, 'any_number', 'Expected any_number to be a number, received "x".'],
    [{ mode: 'best' }, 'mode', 'Expected mode to be one of fit, fill, received "best".'],
    [{ name: '' }, 'name', 'Expected name to be text of 1 to 10 characters, received "".'],
    [{ is_set: 'yes' }, 'is_set', 'Expected is_set to be of type boolean, received "yes".'],
    [{ color: 'red' }, 'color', 'Expected a colour such as #fff. Received "red".'],
    [
      { margin: { top: 10 } },
      'margin.top',
      'Expected margin.top to be a whole number between 0 and 9, received 10.',
    ],
    [
      { list: [{ width: 1 }, { width: 9 }] },
      'list.1.width',
      'Expected list.1.width to be a whole number between 1 and 5, received 9.',
    ],
    [{ extra: { a: 1 } }, 'extra.a', 'Expected extra.a to be of type string, received 1.'],
    [
      { either: 'never' },
      'either',
      'Expected either to be a whole number between 1 and 9 or to be one of auto, received "never".',
    ],
    [
      { any_number: Number.POSITIVE_INFINITY },
      'any_number',
      'Expected any_number to be a number, received Infinity.',
    ],
  ])('%j', (input, path, message) => {
    const { error, ...first } = explain({ needed: 1, ...input });
    expect(first).toMatchObject({ path, message });
    expect(error).toMatchObject({ code: 'invalid_input', status: 422, message });
    expect(error.details.param).toBe(path);
  });

  test('a missing field is called required', () => {
    expect(explain({}).message).toBe(
      'needed is required: expected to be a whole number between 1 and 9.',
    );
  });

  test('an unknown field is named, with the known ones and the one that was meant', () => {
    const { expected, message, path } = explain({ needed: 1, isSet: true });
    expect(path).toBe('isSet');
    expect(message).toBe('Unknown field isSet. Did you mean is_set?');
    expect(expected).toContain('is_set');
  });

  test('an unknown field inside an object is named by its whole path', () => {
    expect(explain({ needed: 1, margin: { top: 1, left: 2 } }).path).toBe('margin.left');
  });

  test('every wrong field is listed', () => {
    const { all } = explain({ scale: 9, width: 0, nothing: 1 });
    expect(all.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['scale', 'width', 'nothing', 'needed']),
    );
  });

  test('a body that is no object is explained as the body', () => {
    for (const body of [null, [], 'text', 5, undefined]) expect(explain(body).path).toBe('body');
  });

  test('names from the prototype are unknown fields like any other', () => {
    const input = JSON.parse('{"needed":1,"__proto__":{"x":1},"constructor":1,"toString":1}');
    expect(explain(input).all.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['__proto__', 'constructor', 'toString']),
    );
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test('a long or large value is shortened before it is sent back', () => {
    const text = explain({ needed: 'x'.repeat(100_000) });
    expect(text.message.length).toBeLessThan(200);
    expect(String(text.received).length).toBeLessThan(120);
    expect(explain({ needed: Array(10_000).fill(1) }).received).toBe('[array]');
    expect(explain({ needed: { a: 1 } }).received).toBe('{object}');
  });
});

test('thousands of wrong fields give a short list', () => {
  const list = Array.from({ length: 5000 }, () => ({}));
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, 1]));
  for (const input of [
    { needed: 1, list },
    { needed: 1, ...many },
  ]) {
    const { all } = explain(Object.assign({ needed: 0 }, input));
    expect(all.length).toBeLessThanOrEqual(50);
    expect(JSON.stringify(all).length).toBeLessThan(20_000);
  }
});

test('any JSON value is either accepted or explained', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const tool of Object.values(tools)) {
        try {
          parseInput(tool.input as z.ZodType, value);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          const { errors = [] } = (error as AppError).details;
          expect(errors.length).toBeGreaterThan(0);
          for (const each of errors) expect(each.message).toMatch(/\.$/);
        }
      }
    }),
  );
});

test('a valid input comes back parsed, with its defaults', () => {
  const withDefault = z.strictObject({ a: z.int().default(3) });
  expect(parseInput(withDefault, {})).toEqual({ a: 3 });
});

test('files are binary strings in the JSON Schema of every tool', () => {
  for (const tool of Object.values(tools)) {
    const field = jsonSchemaOf(tool.input).properties?.[tool.source.field];
    const file = field?.items ?? field;
    expect(file?.anyOf?.[0] ?? file).toMatchObject({ type: 'string', format: 'binary' });
  }
});
