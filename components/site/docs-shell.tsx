import { tools } from '@nebula/contract/tools';
import type { ReactNode } from 'react';
import { DocsLinks } from './docs-links.tsx';

const guides = [
  { href: '/docs', label: 'Getting started' },
  { href: '/docs/errors', label: 'Errors' },
  { href: '/docs/api', label: 'API reference' },
];

const toolPages = Object.values(tools).map(({ id, title }) => ({
  href: `/docs/tools/${id}`,
  label: title,
}));

/** A page of the documentation, with the list of all of them. */
export function DocsShell({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-6xl grid-cols-[minmax(0,1fr)] gap-8 px-4 py-8 sm:px-6 lg:grid-cols-[13rem_minmax(0,1fr)] lg:gap-12 lg:py-12">
      <nav
        aria-label="Documentation"
        className="grid gap-4 text-sm max-lg:border-b max-lg:pb-5 lg:sticky lg:top-24 lg:gap-7 lg:self-start"
      >
        <DocsLinks title="Guides" links={guides} />
        <DocsLinks title="Tools" links={toolPages} />
      </nav>
      <main className="min-w-0 max-w-3xl">{children}</main>
    </div>
  );
}
