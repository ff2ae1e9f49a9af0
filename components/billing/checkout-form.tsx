'use client';

import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Field, Input } from '../ui/field.tsx';

/** Asks for what Cashfree wants to know, and leaves for its page. */
export function CheckoutForm({
  action,
  begin,
}: {
  action: string;
  /** Begins at the server, which says where the checkout is. */
  begin: (phone: string) => Promise<{ url: string }>;
}) {
  const { error, isPending, isSuccess, mutate } = useMutation({
    mutationFn: begin,
    onSuccess: ({ url }) => window.location.assign(url),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    mutate(String(new FormData(event.currentTarget).get('phone')));
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field htmlFor="phone" label="Phone" hint="Cashfree asks for it; 10 to 15 digits.">
        <Input
          id="phone"
          name="phone"
          type="tel"
          autoComplete="tel"
          required
          pattern="\+?[0-9]{10,15}"
        />
      </Field>
      {error && <Alert kind="bad">{error.message}</Alert>}
      <Button type="submit" disabled={isPending || isSuccess}>
        {isSuccess ? 'Going to the checkout …' : action}
      </Button>
    </form>
  );
}
