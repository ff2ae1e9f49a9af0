import type { FormSchema } from '../playground/form-schema.ts';
import { Badge } from '../ui/card.tsx';
import { Prose } from '../ui/prose.tsx';

/** The options of a tool: name, type, default, range and meaning, nested ones below their parent. */
export function OptionTable({ fields }: { fields: [name: string, schema: FormSchema][] }) {
  return (
    <dl className="mt-4 divide-y rounded-xl border bg-surface">
      {fields.map(([name, schema]) => (
        <div key={name} className="grid gap-1.5 p-4">
          <dt className="flex flex-wrap items-center gap-2">
            <code className="font-mono text-sm font-semibold">{name}</code>
            <Badge>{typeText(schema)}</Badge>
            {schema.default !== undefined && typeof schema.default !== 'object' && (
              <span className="text-xs text-faint">
                default <code className="font-mono">{String(schema.default)}</code>
              </span>
            )}
            {rangeText(schema) && <span className="text-xs text-faint">{rangeText(schema)}</span>}
          </dt>
          <dd className="text-sm leading-relaxed text-soft">
            {schema.description && <Prose text={schema.description} />}
            {schema.enum && (
              <span className="mt-1.5 flex flex-wrap gap-1">
                {schema.enum.map((value) => (
                  <Badge key={String(value)}>{String(value)}</Badge>
                ))}
              </span>
            )}
            {nestedOf(schema) && <OptionTable fields={Object.entries(nestedOf(schema) ?? {})} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const nestedOf = (schema: FormSchema) => schema.properties ?? schema.items?.properties;

function typeText({ enum: values, format, items, type }: FormSchema): string {
  if (format === 'binary') return 'file';
  if (values) return 'one of';
  if (type === 'array') return `list of ${items?.type ?? 'values'}`;
  return String(type ?? 'text');
}

const number = new Intl.NumberFormat('en');

function rangeText({ maxLength, maximum, minimum }: FormSchema): string | undefined {
  const isBound = (value: number | undefined) => value !== undefined && Math.abs(value) < 9e15;
  if (isBound(minimum) && isBound(maximum))
    return `${number.format(Number(minimum))} to ${number.format(Number(maximum))}`;
  if (isBound(minimum)) return `at least ${number.format(Number(minimum))}`;
  if (isBound(maximum)) return `at most ${number.format(Number(maximum))}`;
  return maxLength ? `at most ${number.format(maxLength)} characters` : undefined;
}
