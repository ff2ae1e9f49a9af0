import type { Metadata } from 'next';
import Link from 'next/link';
import { AuthHeading } from '#components/account/auth-heading.tsx';
import { GoogleButton } from '#components/account/google-button.tsx';
import { googleWords } from '#components/account/google-words.ts';
import { ownPath } from '#components/account/own-path.ts';
import { SignInForm } from '#components/account/sign-in-form.tsx';
import { Alert } from '#components/ui/alert.tsx';
import { hasGoogle } from '#server/auth.ts';

export const metadata: Metadata = { title: 'Sign in' };

type Props = { searchParams: Promise<{ error?: string; from?: string }> };

export default async function SignInPage({ searchParams }: Props) {
  const { error, from } = await searchParams;
  const next = ownPath(from, '/dashboard');
  return (
    <>
      <AuthHeading title="Sign in" />
      {error && <Alert kind="bad">{googleWords(error)}</Alert>}
      <SignInForm next={next} />
      {hasGoogle() && <GoogleButton label="Sign in with Google" next={next} />}
      <p className="text-sm text-soft">
        No account yet?{' '}
        <Link href="/register" className="text-accent underline">
          Create one
        </Link>
      </p>
    </>
  );
}
