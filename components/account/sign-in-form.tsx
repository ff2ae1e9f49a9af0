'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { signIn } from 'next-auth/react';
import { Field, Input } from '../ui/field.tsx';
import { EmailField } from './account-fields.tsx';
import { AuthForm } from './auth-form.tsx';

/** Signs in, and goes on to where the person came from. */
export function SignInForm({ next }: { next: string }) {
  const router = useRouter();
  const submit = async (field: (name: string) => string) => {
    const result = await signIn('credentials', {
      email: field('email'),
      password: field('password'),
      redirect: false,
    });
    if (!result?.ok)
      throw new Error(
        'The address or the password is wrong, the address is not confirmed yet, or there were too many tries in a minute.',
      );
    router.push(next);
    router.refresh();
    return undefined;
  };
  return (
    <AuthForm action="Sign in" onSubmit={submit}>
      <EmailField />
      <Field htmlFor="password" label="Password">
        <Input
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={72}
        />
      </Field>
      <Link href="/forgot-password" className="-mt-2 justify-self-end text-sm text-soft underline">
        Forgot the password?
      </Link>
    </AuthForm>
  );
}
