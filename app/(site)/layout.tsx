import type { ReactNode } from 'react';
import { SiteShell } from '#components/site/shell.tsx';
import { currentAccount } from '#server/auth.ts';

export default async function SiteLayout({ children }: { children: ReactNode }) {
  const account = await currentAccount();
  return <SiteShell isSignedIn={account !== undefined}>{children}</SiteShell>;
}
