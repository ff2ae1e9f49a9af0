'use client';

import { useMutation } from '@tanstack/react-query';
import { useTRPC } from '../trpc.tsx';
import { Field, Input } from '../ui/field.tsx';
import { EmailField, NewPasswordField } from './account-fields.tsx';
import { AuthForm } from './auth-form.tsx';

export function RegisterForm() {
  const trpc = useTRPC();
  const register = useMutation(trpc.auth.register.mutationOptions());
  return (
    <AuthForm
      action="Create the account"
      onSubmit={async (field) => {
        const [name, email, password] = [field('name'), field('email'), field('password')];
        return (await register.mutateAsync({ name, email, password })).message;
      }}
    >
      <Field htmlFor="name" label="Name">
        <Input id="name" name="name" autoComplete="name" required maxLength={100} />
      </Field>
      <EmailField />
      <NewPasswordField />
    </AuthForm>
  );
}
