import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Field, Select } from './field.tsx';

/** What a list can be narrowed by, in a row that breaks, and the way back to all of it. */
export function Filters({
  children,
  isEmpty,
  onClear,
}: {
  children: ReactNode;
  /** Everything passes already. */
  isEmpty: boolean;
  onClear: () => void;
}) {
  return (
    <search className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] items-end gap-4 max-sm:grid-cols-1">
      {children}
      <Button kind="ghost" className="justify-self-start" disabled={isEmpty} onClick={onClear}>
        Show all
      </Button>
    </search>
  );
}

/**
 * One of a few, under its name. The first is often that everything passes, with an empty value.
 *
 * @example
 * <SelectField id="state" label="State" value={state} onChange={setState} options={[['', 'every state'], 'failed']} />
 */
export function SelectField<Value extends string>({
  id,
  label,
  onChange,
  options,
  value,
}: {
  id: string;
  label: string;
  onChange: (value: Value) => void;
  /** A value that is its own name, or a value and a name. */
  options: readonly (Value | readonly [value: Value, name: string])[];
  value: Value;
}) {
  return (
    <Field htmlFor={id} label={label}>
      <Select id={id} value={value} onChange={(event) => onChange(event.target.value as Value)}>
        {options.map((option) => {
          const [each, name] = typeof option === 'string' ? [option, option] : option;
          return (
            <option key={each} value={each}>
              {name}
            </option>
          );
        })}
      </Select>
    </Field>
  );
}
