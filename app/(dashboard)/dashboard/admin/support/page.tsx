import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Inbox } from '#components/support/inbox.tsx';
import { currentAccount } from '#server/auth.ts';

export const metadata: Metadata = { title: 'Support inbox' };

export default async function SupportInboxPage() {
  const account = await currentAccount();
  if (account?.role !== 'admin') notFound();
  return <Inbox operatorId={account.id} />;
}
