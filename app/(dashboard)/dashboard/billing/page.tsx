import type { Metadata } from 'next';
import { Billing } from '#components/billing/billing.tsx';

export const metadata: Metadata = { title: 'Billing' };

type Props = { searchParams: Promise<{ mandate_id?: string; order_id?: string }> };

export default async function BillingPage({ searchParams }: Props) {
  const { mandate_id, order_id } = await searchParams;
  return <Billing mandateId={mandate_id} orderId={order_id} />;
}
