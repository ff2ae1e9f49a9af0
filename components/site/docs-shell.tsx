import { tools } from '@nebula/contract/tools';
import Link from 'next/link';
import type { ReactNode } from 'react';

const guides = [
  { href: '/docs', label: 'Getting started' },
  { href: '/docs/errors', label: 'Errors' },
  { href: '/docs/api', label: 'API reference' },
];

/** A page of the documentation, with the list of all of them. */
export function DocsShell({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-6xl gap-10 px-4 py-10 sm:px-6 lg:grid-cols-[13rem_1fr]">
      <nav aria-label="Documentation" className="text-sm lg:sticky lg:top-24 lg:self-start">
        <DocsLinks title="Guides" links={guides} />
        <DocsLinks
          title="Tools"
          links={Object.values(tools).map(({ id, title }) => ({
            href: `/docs/tools/${id}`,
            label: title,
          }))}
        />
      </nav>
      <main className="min-w-0 max-w-3xl">{children}</main>
    </div>
  );
}

function DocsLinks({ links, title }: { links: { href: string; label: string }[]; title: string }) {
  return (
    <div className="mb-6">
      <p className="mb-2 text-xs font-medium tracking-wide text-faint uppercase">{title}</p>
      <ul className="grid gap-1">
        {links.map(({ href, label }) => (
          <li key={href}>
            <Link href={href} className="text-soft hover:text-ink">
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
