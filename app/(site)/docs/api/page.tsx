import type { Metadata } from 'next';
import { ApiReference } from '#components/site/api-reference.tsx';

export const metadata: Metadata = { title: 'API reference' };

export default function ApiPage() {
  return (
    <main className="min-h-[80vh]">
      <h1 className="sr-only">API reference</h1>
      <ApiReference />
    </main>
  );
}
