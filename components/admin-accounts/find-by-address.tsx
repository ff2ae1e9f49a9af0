import type { ComponentProps, FormEvent } from 'react';
import { Button } from '../ui/button.tsx';
import { Field, Input } from '../ui/field.tsx';

/** Asks for the address of an account. */
export function FindByAddress({
  id,
  onFind,
  ...rest
}: {
  id: string;
  onFind: (email: string) => void;
} & Pick<ComponentProps<'input'>, 'defaultValue' | 'placeholder' | 'required'>) {
  const find = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onFind(String(new FormData(event.currentTarget).get('email') ?? '').trim());
  };
  return (
    <search>
      <form onSubmit={find} className="flex flex-wrap items-end gap-3">
        <div className="w-full max-w-80">
          <Field htmlFor={id} label="Address">
            <Input id={id} name="email" type="email" {...rest} />
          </Field>
        </div>
        <Button type="submit" kind="secondary">
          Find
        </Button>
      </form>
    </search>
  );
}
