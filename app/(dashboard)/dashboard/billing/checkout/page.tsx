import type { Metadata } from 'next';
import { OpenCheckout } from '#components/billing/open-checkout.tsx';
import { checkoutMode } from '#server/modules/billing/service.ts';

export const metadata: Metadata = { title: 'Checkout' };

export default function CheckoutPage() {
  return <OpenCheckout mode={checkoutMode()} />;
}
