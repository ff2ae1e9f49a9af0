import { jsonSchemaOf } from '@nebula/contract/explain';
import type { Tool } from '@nebula/contract/tool';

/** What a form needs to know of one field: the JSON Schema of the declaration. */
export type FormSchema = {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  properties?: Record<string, FormSchema>;
  items?: FormSchema;
};

/** Every field of a tool's input by name. */
export function fieldsOf(tool: Tool): Record<string, FormSchema> {
  return (jsonSchemaOf(tool.input) as FormSchema).properties ?? {};
}

/** Only what differs from the defaults: requests and samples stay short. */
export function withoutDefaults(
  values: Record<string, unknown>,
  fields: Record<string, FormSchema>,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const schema = fields[name];
    if (value === undefined || value === '' || isSame(value, schema?.default)) continue;
    if (
      schema?.properties &&
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value)
    ) {
      const inner = withoutDefaults(value as Record<string, unknown>, schema.properties);
      if (Object.keys(inner).length > 0) kept[name] = inner;
    } else {
      kept[name] = value;
    }
  }
  return kept;
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
