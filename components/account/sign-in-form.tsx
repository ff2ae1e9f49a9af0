'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { signIn } from 'next-auth/react';
import { Field, Input } from '../ui/field.tsx';
import { EmailField } from './account-fields.tsx';
import { AuthForm } from './auth-form.tsx';

/** Why nobody was signed in; for a wrong password, next-auth has a word of its own. */
const words: Record<string, string> = {
  CredentialsSignin: 'The address or the password is wrong, or the address is not confirmed yet.',
  rate_limited: 'Too many tries in a minute. Wait for the next one, or set a new password by mail.',
  queue_full: 'Too many are signing in at once. Try again in a moment.',
  internal: 'Something went wrong on our side. Try again in a moment.',
};

/** Signs in, and goes on to where the person came from. */
export function SignInForm({ next }: { next: string }) {
  const router = useRouter();
  const submit = async (field: (name: string) => string) => {
    const result = await signIn('credentials', {
      email: field('email'),
      password: field('password'),
      redirect: false,
    });
    if (!result?.ok) throw new Error(words[result?.error ?? ''] ?? words.internal);
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
