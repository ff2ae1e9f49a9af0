import Image from 'next/image';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ApiProvider } from '#components/trpc.tsx';

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <ApiProvider>
      <main className="mx-auto grid min-h-screen w-full max-w-sm content-center gap-6 px-6 py-12">
        <Link href="/" className="flex items-center gap-2 font-semibold">
          <Image src="/logo.svg" alt="" width={28} height={28} unoptimized />
          NebulaAPI
        </Link>
        {children}
      </main>
    </ApiProvider>
  );
}
