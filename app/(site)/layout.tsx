import type { ReactNode } from 'react';
import { SiteShell } from '#components/site/shell.tsx';
import { SiteSupport } from '#components/support/site-support.tsx';
import { currentAccount } from '#server/auth.ts';
import { realtimeSettings } from '#server/modules/realtime/service.ts';

export default async function SiteLayout({ children }: { children: ReactNode }) {
  const account = await currentAccount();
  return (
    <>
      <SiteShell isSignedIn={account !== undefined}>{children}</SiteShell>
      {account && <SiteSupport accountId={account.id} settings={realtimeSettings()} />}
    </>
  );
}
