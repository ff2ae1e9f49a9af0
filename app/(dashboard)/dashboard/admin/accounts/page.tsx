import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Accounts } from '#components/admin-accounts/accounts.tsx';
import { currentAccount } from '#server/auth.ts';

export const metadata: Metadata = { title: 'Accounts' };

export default async function AccountsPage() {
  const account = await currentAccount();
  if (account?.role !== 'admin') notFound();
  return <Accounts ownId={account.id} />;
}
