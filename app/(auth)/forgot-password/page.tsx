import type { Metadata } from 'next';
import Link from 'next/link';
import { AuthHeading } from '#components/account/auth-heading.tsx';
import { ForgotPasswordForm } from '#components/account/mail-forms.tsx';

export const metadata: Metadata = { title: 'Forgot the password' };

export default function ForgotPasswordPage() {
  return (
    <>
      <AuthHeading title="Forgot the password">
        We send a link to set a new one. It works once, for 30 minutes.
      </AuthHeading>
      <ForgotPasswordForm />
      <Link href="/sign-in" className="text-sm text-accent underline">
        Back to sign in
      </Link>
    </>
  );
}
