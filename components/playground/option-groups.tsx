'use client';

import type { FieldError } from './form-schema.ts';
import { OptionField } from './option-field.tsx';
import type { ToolForm } from './tool-form.ts';

/** The options in the groups of the declaration: common ones in sight, the others folded. */
export function OptionGroups({
  errors,
  onChange,
  tool,
  values,
}: {
  errors: FieldError[];
  onChange: (name: string, value: unknown) => void;
  tool: ToolForm;
  values: Record<string, unknown>;
}) {
  return tool.groups.map((group) => {
    const rows = group.fields.map((name) => (
      <OptionField
        key={name}
        path={name}
        schema={tool.fields[name] ?? {}}
        value={values[name]}
        errors={errors}
        onChange={(value) => onChange(name, value)}
      />
    ));
    if (!group.advanced)
      return (
        <div key={group.title} className="grid gap-4 sm:grid-cols-2">
          {rows}
        </div>
      );
    const set = group.fields.filter((name) => values[name] !== undefined).length;
    const isWrong = errors.some(({ path }) => group.fields.includes(path.split('.')[0] ?? ''));
    return (
      <details key={group.title} className="group border-t pt-4" open={isWrong || undefined}>
        <summary className="text-sm font-medium text-soft hover:text-ink">
          {group.title}
          {set > 0 && <span className="ml-2 text-xs font-normal text-accent">{set} set</span>}
        </summary>
        <div className="mt-4 grid gap-4 sm:grid-cols-2">{rows}</div>
      </details>
    );
  });
}
