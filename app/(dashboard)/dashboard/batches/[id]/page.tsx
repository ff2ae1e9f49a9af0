import type { Metadata } from 'next';
import { BatchView } from '#components/batches/batch-view.tsx';

export const metadata: Metadata = { title: 'Batch' };

type Props = { params: Promise<{ id: string }> };

export default async function BatchPage({ params }: Props) {
  return <BatchView id={(await params).id} />;
}
