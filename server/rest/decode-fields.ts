import { AppError } from '@nebula/contract/errors';
import { jsonSchemaOf } from '@nebula/contract/explain';
import type { z } from 'zod';
import { parseJson } from './parse-json.ts';

type JsonSchema = ReturnType<typeof jsonSchemaOf>;

const maxDepth = 4;
const maxIndex = 1000;
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Turns form fields or query parameters into the input of a procedure. Names may be nested
 * (`margin[top]`, `variants[0][width]`, `types[]`); texts become what the field's schema says.
 * The schema itself stays strict: what cannot be decoded stays text and fails there.
 */
export function decodeFields(
  fields: Iterable<[name: string, value: string]>,
  schema: z.ZodType,
): Record<string, unknown> {
  const json = jsonSchemaOf(schema);
  const root: Record<string, unknown> = {};
  for (const [name, value] of fields) assign(root, parseName(name), value, json);
  return root;
}

function parseName(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (!match?.[1]) throw badName(name);
  const parts = [
    match[1],
    ...[...(match[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map((m) => m[1] ?? ''),
  ];
  const isBad = parts.length > maxDepth || parts.some((part) => forbidden.has(part));
  if (isBad || parts.some((part) => /^\d+$/.test(part) && Number(part) > maxIndex))
    throw badName(name);
  return parts;
}

function badName(name: string): AppError {
  const shown = name.length > 60 ? `${name.slice(0, 57)}…` : name;
  const message = `Expected a field name such as width or margin[top], received ${JSON.stringify(shown)}.`;
  return new AppError('invalid_input', message, { param: shown });
}

function assign(
  target: Record<string, unknown>,
  [first = '', ...rest]: string[],
  text: string,
  schema: JsonSchema | undefined,
): void {
  const inner = fieldSchema(schema, first);
  if (rest.length === 0) {
    const value = decodeText(text, inner);
    target[first] = Object.hasOwn(target, first) ? [target[first], value].flat() : value;
    return;
  }
  const isList = rest[0] === '' || (/^\d+$/.test(rest[0] ?? '') && inner?.type !== 'object');
  const child = Object.hasOwn(target, first) ? target[first] : isList ? [] : {};
  if (typeof child !== 'object' || child === null) throw badName(first);
  target[first] = child;
  const [next = '', ...deeper] = rest;
  const key = next === '' && Array.isArray(child) ? String(child.length) : next;
  // A list has numbered entries alone: a length or a method of it is no field.
  const isKey = Array.isArray(child) ? /^(0|[1-9]\d*)$/.test(key) : key !== '';
  if (!isKey) throw badName(`${first}[${next}]`);
  assign(child as Record<string, unknown>, [key, ...deeper], text, inner);
}

function fieldSchema(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  if (schema?.type === 'array' || schema?.items) return schema.items;
  const rest =
    typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  return schema?.properties?.[name] ?? rest;
}

function decodeText(text: string, schema: JsonSchema | undefined): unknown {
  const types = typesOf(schema);
  if ((types.has('integer') || types.has('number')) && isNumeric(text)) return Number(text);
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if ((types.has('object') || types.has('array')) && /^\s*[[{]/.test(text)) return tryJson(text);
  if (types.has('array') && !types.has('string')) return [decodeText(text, schema?.items)];
  return text;
}

function typesOf(schema: JsonSchema | undefined): Set<string> {
  const own = [schema?.type ?? []].flat();
  return new Set([...own, ...(schema?.anyOf ?? []).flatMap((option) => [...typesOf(option)])]);
}

const isNumeric = (text: string) => /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text.trim());

function tryJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
