import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Payments } from '#components/admin-payments/payments.tsx';
import { currentAccount } from '#server/auth.ts';

export const metadata: Metadata = { title: 'Payments' };

export default async function PaymentsPage() {
  const account = await currentAccount();
  if (account?.role !== 'admin') notFound();
  return <Payments />;
}
