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

/** The path of a field of an object, as errors name it, in the spelling of forms: `margin[top]`. */
export function wireName(path: string): string {
  const [first = '', ...rest] = path.split('.');
  return first + rest.map((part) => `[${part}]`).join('');
}

/** A wrong field, named by its path: `margin.top`. */
export type FieldError = { path: string; message: string };

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
