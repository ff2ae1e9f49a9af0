import { z } from 'zod';
import { AppError, type FieldError } from './errors.ts';

type JsonSchema = {
  type?: string | string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
};

/** A body of a thousand mistakes is not worth an answer of a megabyte. */
const maxErrors = 50;

/**
 * Turns a failed parse into the public error: every field with what was expected and what came.
 *
 * @example
 * // errors[0].message: "Expected scale between 0.1 and 2, received 9."
 */
export function explainParse(error: z.ZodError, schema: z.ZodType, input: unknown): AppError {
  const json = jsonSchemaOf(schema);
  const issues = error.issues.slice(0, maxErrors);
  const errors = issues.flatMap((issue) => explainIssue(issue, json, input)).slice(0, maxErrors);
  const first = errors[0];
  return new AppError('invalid_input', first?.message ?? 'The request is not valid.', {
    param: first?.path,
    errors,
    cause: error,
  });
}

/** Parses, or throws the public error. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw explainParse(parsed.error, schema, input);
}

const cache = new WeakMap<z.ZodType, JsonSchema>();

/** The input side of a schema as JSON Schema; files are `{ type: string, format: binary }`. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const known = cache.get(schema);
  if (known) return known;
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'binary') jsonSchema.type = 'string';
    },
  }) as JsonSchema;
  cache.set(schema, json);
  return json;
}

function explainIssue(issue: z.core.$ZodIssue, json: JsonSchema, input: unknown): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const at = schemaAt(json, path);
    const known = [at, ...(at?.anyOf ?? [])].flatMap((each) => Object.keys(each?.properties ?? {}));
    return issue.keys.map((key) => ({
      path: briefText([...path, key].join('.')),
      message: `Unknown field ${briefText(key)}.${suggestion(key, known)}`,
      expected: `one of ${known.join(', ')}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.find((branch) => branch.length > 0 && branch.every(isInside));
    if (inner)
      return inner.flatMap((each) =>
        explainIssue({ ...each, path: [...issue.path, ...each.path] }, json, input),
      );
  }
  const name = briefText(path.join('.')) || 'body';
  const received = valueAt(input, path);
  const expected = expectation(schemaAt(json, path));
  if (issue.code === 'custom' || issue.code === 'invalid_format' || expected === undefined) {
    const shown = issue.code === 'custom' ? '' : ` Received ${show(received)}.`;
    return [
      { path: name, message: `${issue.message}${shown}`, expected, received: brief(received) },
    ];
  }
  const message =
    received === undefined
      ? `${name} is required: expected ${expected}.`
      : `Expected ${name} ${expected}, received ${show(received)}.`;
  return [{ path: name, message, expected, received: brief(received) }];
}

/** A branch of a union that got the right kind of value, and found fault with its fields. */
const isInside = ({ code, path }: z.core.$ZodIssue) =>
  path.length > 0 || code === 'unrecognized_keys';

function expectation(schema: JsonSchema | undefined): string | undefined {
  if (!schema) return undefined;
  if (schema.anyOf) return schema.anyOf.map(expectation).filter(Boolean).join(' or ') || undefined;
  if (schema.enum) return `to be one of ${schema.enum.join(', ')}`;
  if (schema.type === 'integer' || schema.type === 'number') return numberRange(schema);
  if (schema.type === 'string' && schema.maxLength !== undefined)
    return `to be text of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
  if (schema.format === 'binary') return 'to be a file part of a multipart body';
  return schema.type === undefined ? undefined : `to be of type ${String(schema.type)}`;
}

function numberRange({ type, minimum, maximum }: JsonSchema): string {
  const kind = type === 'integer' ? 'to be a whole number ' : '';
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (low !== undefined && high !== undefined) return `${kind}between ${low} and ${high}`;
  if (low !== undefined) return `${kind}of at least ${low}`;
  if (high !== undefined) return `${kind}of at most ${high}`;
  return kind ? kind.trim() : 'to be a number';
}

function schemaAt(schema: JsonSchema | undefined, path: string[]): JsonSchema | undefined {
  let at = schema;
  for (const part of path) {
    at = at?.anyOf?.find(({ properties }) => properties?.[part]) ?? at;
    const rest = typeof at?.additionalProperties === 'object' ? at.additionalProperties : undefined;
    at = at?.properties?.[part] ?? (/^\d+$/.test(part) ? at?.items : undefined) ?? rest;
  }
  return at;
}

function valueAt(value: unknown, path: string[]): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(brief(value)) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Errors never carry whole documents back. */
function brief(value: unknown): unknown {
  if (typeof value === 'string') return briefText(value);
  // JSON has no word for infinity; null would be a lie.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? '[array]' : '{object}';
  return value;
}

function briefText(text: string): string {
  return text.length > 100 ? `${text.slice(0, 97)}…` : text;
}

function suggestion(key: string, known: string[]): string {
  const near = known.find(
    (name) => name.replaceAll('_', '') === key.toLowerCase().replace(/[_-]/g, ''),
  );
  return near ? ` Did you mean ${near}?` : '';
}
