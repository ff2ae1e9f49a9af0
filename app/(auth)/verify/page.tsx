import type { Metadata } from 'next';
import Link from 'next/link';
import { AuthHeading } from '#components/account/auth-heading.tsx';
import { ResendForm, VerifyForm } from '#components/account/mail-forms.tsx';

export const metadata: Metadata = { title: 'Confirm the address', referrer: 'no-referrer' };

type Props = { searchParams: Promise<{ token?: string }> };

export default async function VerifyPage({ searchParams }: Props) {
  const { token } = await searchParams;
  return (
    <>
      <AuthHeading title="Confirm your address">
        One click, and your account is ready. If the link is too old, have the mail sent again.
      </AuthHeading>
      {token ? <VerifyForm token={token} /> : <ResendForm />}
      <p className="flex gap-4 text-sm">
        <Link href="/sign-in" className="text-accent underline">
          Go to sign in
        </Link>
        {token && (
          <Link href="/verify" className="text-soft underline">
            Send the mail again
          </Link>
        )}
      </p>
    </>
  );
}
