import type { Metadata } from 'next';
import { JobView } from '#components/jobs/job-view.tsx';

export const metadata: Metadata = { title: 'Job' };

type Props = { params: Promise<{ id: string }> };

export default async function JobPage({ params }: Props) {
  return <JobView id={(await params).id} />;
}
