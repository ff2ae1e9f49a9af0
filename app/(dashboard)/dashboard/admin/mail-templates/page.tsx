import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { MailTemplates } from '#components/mail-templates/mail-templates.tsx';
import { currentAccount } from '#server/auth.ts';

export const metadata: Metadata = { title: 'Mail templates' };

export default async function MailTemplatesPage() {
  const account = await currentAccount();
  if (account?.role !== 'admin') notFound();
  return <MailTemplates />;
}
