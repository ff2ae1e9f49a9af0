import type { Metadata } from 'next';
import { ApiReference } from '#components/site/api-reference.tsx';

export const metadata: Metadata = {
  title: 'API reference',
  description: 'Every endpoint of the NebulaAPI with its fields, answers and errors.',
};

/** Scalar brings a main and a heading of its own. */
export default function ApiPage() {
  return <ApiReference />;
}
