'use client';

import { useId, useState } from 'react';
import { describedBy, Field, Input, Select, TextArea } from '../ui/field.tsx';
import { NumberInput } from '../ui/number.tsx';
import { Switch } from '../ui/switch.tsx';
import { type FieldError, type FormSchema, wireName } from './form-schema.ts';

type Props = {
  /** `margin.top` for a field of an object. */
  path: string;
  schema: FormSchema;
  value: unknown;
  errors: FieldError[];
  onChange: (value: unknown) => void;
};

/** One option as its schema describes it. */
export function OptionField(props: Props) {
  const { errors, path, schema } = props;
  const id = useId();
  if (schema.properties) return <Nested {...props} />;
  const isWide =
    schema.type === 'array' || schema.type === 'object' || (schema.maxLength ?? 0) > 5000;
  const error = errorAt(errors, path, schema.type === 'array' || schema.type === 'object');
  return (
    <div className={isWide ? 'sm:col-span-2' : undefined}>
      <Field
        htmlFor={id}
        label={<code className="font-mono text-[13px]">{wireName(path)}</code>}
        hint={schema.description}
        error={error}
      >
        <Control {...props} id={id} error={error} />
      </Field>
    </div>
  );
}

function Nested({ errors, onChange, path, schema, value }: Props) {
  const error = errorAt(errors, path, false);
  const inner = (value ?? {}) as Record<string, unknown>;
  return (
    <fieldset className="rounded-xl border p-4 sm:col-span-2">
      <legend className="px-1">
        <code className="font-mono text-[13px] font-medium">{wireName(path)}</code>
      </legend>
      <p className={error ? 'mb-3 text-xs text-bad' : 'mb-3 text-xs text-faint'}>
        {error ?? schema.description}
      </p>
      <div className="grid gap-4 sm:grid-cols-2">
        {Object.entries(schema.properties ?? {}).map(([key, child]) => (
          <OptionField
            key={key}
            path={`${path}.${key}`}
            errors={errors}
            schema={child}
            value={inner[key]}
            onChange={(next) => {
              const { [key]: _before, ...rest } = inner;
              const all = next === undefined ? rest : { ...rest, [key]: next };
              onChange(Object.keys(all).length > 0 ? all : undefined);
            }}
          />
        ))}
      </div>
    </fieldset>
  );
}

/** The message for a field; a control that holds a whole list also speaks for what is inside. */
function errorAt(errors: FieldError[], path: string, withInner: boolean): string | undefined {
  return errors.find(
    (error) => error.path === path || (withInner && error.path.startsWith(`${path}.`)),
  )?.message;
}

function Control({
  error,
  id,
  onChange,
  schema,
  value,
}: Omit<Props, 'errors'> & { id: string; error?: string }) {
  const shared = {
    id,
    'aria-invalid': error !== undefined,
    'aria-describedby': error || schema.description ? describedBy(id) : undefined,
  };
  const text = value === undefined ? '' : String(value);
  const initial = schema.default === undefined ? undefined : String(schema.default);
  if (schema.type === 'boolean')
    return (
      <Switch {...shared} checked={(value ?? schema.default) === true} onCheckedChange={onChange} />
    );
  if (schema.enum) return <Choice {...shared} value={value} schema={schema} onChange={onChange} />;
  if (schema.type === 'integer' || schema.type === 'number')
    return (
      <NumberInput
        {...shared}
        isWhole={schema.type === 'integer'}
        min={bound(schema.minimum)}
        max={bound(schema.maximum)}
        initial={typeof schema.default === 'number' ? schema.default : undefined}
        value={typeof value === 'number' ? value : undefined}
        onChange={onChange}
      />
    );
  if (schema.type === 'array' || schema.type === 'object')
    return (
      <JsonInput {...shared} initial={value} onChange={onChange} isList={schema.type === 'array'} />
    );
  const update = (next: string) => onChange(next === '' ? undefined : next);
  if (schema.format === 'color')
    return (
      <div className="flex gap-2">
        <input
          type="color"
          aria-label="Pick a colour"
          className="h-10 w-12 rounded-lg border bg-surface p-1"
          value={(text || initial || '#ffffff').slice(0, 7)}
          onChange={(event) => update(event.target.value)}
        />
        <Input
          {...shared}
          placeholder={initial}
          value={text}
          onChange={(event) => update(event.target.value)}
        />
      </div>
    );
  if ((schema.maxLength ?? 0) > 5000)
    return (
      <TextArea
        {...shared}
        value={text}
        spellCheck={false}
        onChange={(event) => update(event.target.value)}
      />
    );
  return (
    <Input
      {...shared}
      placeholder={initial}
      value={text}
      onChange={(event) => update(event.target.value)}
    />
  );
}

function Choice({
  onChange,
  schema,
  value,
  ...rest
}: {
  id: string;
  schema: FormSchema;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  const choices = schema.enum ?? [];
  return (
    <Select
      {...rest}
      value={String(value ?? schema.default ?? '')}
      onChange={(event) =>
        onChange(choices.find((choice) => String(choice) === event.target.value))
      }
    >
      {schema.default === undefined && <option value="">not set</option>}
      {choices.map((choice) => (
        <option key={String(choice)} value={String(choice)}>
          {String(choice)}
        </option>
      ))}
    </Select>
  );
}

/** Lists and maps are written as JSON; what cannot be read yet is not sent. */
function JsonInput({
  initial,
  isList,
  onChange,
  ...rest
}: {
  id: string;
  /** What was chosen before; later changes come from here. */
  initial: unknown;
  isList: boolean;
  onChange: (value: unknown) => void;
}) {
  const [text, setText] = useState(() => (initial === undefined ? '' : JSON.stringify(initial)));
  const [isBroken, setBroken] = useState(false);
  const update = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() === '' ? undefined : JSON.parse(next));
      setBroken(false);
    } catch {
      onChange(undefined);
      setBroken(true);
    }
  };
  return (
    <>
      <TextArea
        {...rest}
        rows={3}
        spellCheck={false}
        placeholder={isList ? '[ … ]' : '{ … }'}
        value={text}
        onChange={(event) => update(event.target.value)}
      />
      {isBroken && <p className="text-xs text-warn">Not valid JSON yet; it is not sent.</p>}
    </>
  );
}

/** JSON Schema bounds every whole number by what JavaScript can hold; that is no range to show. */
function bound(limit: number | undefined): number | undefined {
  return limit !== undefined && Math.abs(limit) < 9e15 ? limit : undefined;
}
