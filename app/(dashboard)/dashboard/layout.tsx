import { tools } from '@nebula/contract/tools';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { DashboardShell } from '#components/dashboard/shell.tsx';
import { currentAccount } from '#server/auth.ts';
import { realtimeSettings } from '#server/modules/realtime/service.ts';

const docs = [
  { href: '/docs', label: 'Getting started' },
  { href: '/docs/api', label: 'API reference' },
  { href: '/docs/errors', label: 'Errors' },
  ...Object.values(tools).map(({ id, title }) => ({ href: `/docs/tools/${id}`, label: title })),
];

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const account = await currentAccount();
  if (!account) {
    const path = (await headers()).get('x-nebula-path') ?? '/dashboard';
    redirect(`/sign-in?from=${encodeURIComponent(path)}`);
  }
  const { email, id, name, plan, role } = account;
  return (
    <DashboardShell
      person={{ email, id, name, plan, isAdmin: role === 'admin' }}
      realtime={realtimeSettings()}
      docs={docs}
    >
      {children}
    </DashboardShell>
  );
}
