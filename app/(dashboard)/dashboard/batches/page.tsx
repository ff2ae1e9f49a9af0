import type { Metadata } from 'next';
import { Batches } from '#components/batches/batches.tsx';

export const metadata: Metadata = { title: 'Batches' };

export default function BatchesPage() {
  return <Batches />;
}
