import type { Metadata } from 'next';
import Image from 'next/image';
import Link from 'next/link';
import { SignInForm } from '#components/account/sign-in-form.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default function SignInPage() {
  return (
    <main className="mx-auto grid min-h-screen w-full max-w-sm content-center gap-6 px-6 py-12">
      <Link href="/" className="flex items-center gap-2 font-semibold">
        <Image src="/logo.svg" alt="" width={28} height={28} unoptimized />
        NebulaAPI
      </Link>
      <h1 className="text-2xl font-semibold">Sign in</h1>
      <SignInForm />
    </main>
  );
}
