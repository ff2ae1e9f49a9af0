import type { Metadata } from 'next';
import { Specimens } from '#components/design/specimens.tsx';
import { PageHeader } from '#components/ui/page-header.tsx';

export const metadata: Metadata = {
  title: 'Design',
  description: 'Every part that the pages are built from, in light and dark.',
  robots: { index: false },
};

export default function DesignPage() {
  return (
    <main className="mx-auto max-w-7xl px-4 py-10 sm:px-6">
      <PageHeader title="Design">
        Every part that the pages are built from, light and dark. What opens over the page, such as
        menus and questions, follows the theme of the page.
      </PageHeader>
      <div className="mt-8 grid grid-cols-[minmax(0,1fr)] gap-6 xl:grid-cols-2">
        {(['light', 'dark'] as const).map((theme) => (
          <Specimens key={theme} theme={theme} />
        ))}
      </div>
    </main>
  );
}
