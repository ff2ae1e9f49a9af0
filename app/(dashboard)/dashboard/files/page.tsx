import type { Metadata } from 'next';
import { Files } from '#components/files/files.tsx';

export const metadata: Metadata = { title: 'Files' };

export default function FilesPage() {
  return <Files />;
}
