'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

export type DocsLink = { href: string; label: string };

/** One list of pages; the page that is open is marked. */
export function DocsLinks({ links, title }: { links: DocsLink[]; title: string }) {
  const pathname = usePathname();
  return (
    <div className="min-w-0">
      <p className="mb-2 text-xs font-medium tracking-wide text-faint uppercase">{title}</p>
      <ul className="flex flex-wrap gap-x-1 gap-y-0.5 max-lg:-mx-2 lg:-mx-3 lg:grid">
        {links.map(({ href, label }) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={pathname === href ? 'page' : undefined}
              className="block rounded-lg px-2 py-1 text-soft transition-colors hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent lg:px-3 lg:py-1.5"
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
