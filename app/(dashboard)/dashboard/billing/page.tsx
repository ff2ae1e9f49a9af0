import type { Metadata } from 'next';
import { Billing } from '#components/billing/billing.tsx';

export const metadata: Metadata = { title: 'Billing' };

type Props = { searchParams: Promise<{ order_id?: string }> };

export default async function BillingPage({ searchParams }: Props) {
  return <Billing orderId={(await searchParams).order_id} />;
}
