import type { Metadata } from 'next';
import { Support } from '#components/support/support.tsx';

export const metadata: Metadata = { title: 'Support' };

export default function SupportPage() {
  return <Support />;
}
