import type { Metadata } from 'next';
import Link from 'next/link';
import { AuthHeading } from '#components/account/auth-heading.tsx';
import { ResetPasswordForm } from '#components/account/mail-forms.tsx';

export const metadata: Metadata = { title: 'Set a new password', referrer: 'no-referrer' };

type Props = { searchParams: Promise<{ token?: string }> };

export default async function ResetPasswordPage({ searchParams }: Props) {
  const { token } = await searchParams;
  return (
    <>
      <AuthHeading title="Set a new password">
        Every session ends, on every device. API keys go on working.
      </AuthHeading>
      <ResetPasswordForm token={token ?? ''} />
      <Link href="/sign-in" className="text-sm text-accent underline">
        Go to sign in
      </Link>
    </>
  );
}
