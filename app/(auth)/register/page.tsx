import type { Metadata } from 'next';
import Link from 'next/link';
import { AuthHeading } from '#components/account/auth-heading.tsx';
import { GoogleButton } from '#components/account/google-button.tsx';
import { RegisterForm } from '#components/account/register-form.tsx';
import { hasGoogle } from '#server/auth.ts';

export const metadata: Metadata = { title: 'Create an account' };

export default function RegisterPage() {
  return (
    <>
      <AuthHeading title="Create an account">
        250 calls every 30 days are free. No card is needed.
      </AuthHeading>
      <RegisterForm />
      {hasGoogle() && <GoogleButton label="Continue with Google" next="/dashboard" />}
      <p className="text-sm text-soft">
        You have one already?{' '}
        <Link href="/sign-in" className="text-accent underline">
          Sign in
        </Link>
      </p>
    </>
  );
}
