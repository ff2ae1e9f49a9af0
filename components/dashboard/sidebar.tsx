'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cn } from '../ui/class-names.ts';
import type { NavLink } from './nav-links.ts';

/** The list of the dashboard's pages. */
export function Sidebar({ links, onNavigate }: { links: NavLink[]; onNavigate?: () => void }) {
  const path = usePathname();
  return (
    <nav aria-label="Dashboard" className="grid gap-0.5 text-sm">
      {links.map(({ href, icon: Icon, label }) => {
        const isHere = href === '/dashboard' ? path === href : path.startsWith(href);
        return (
          <Link
            key={href}
            href={href}
            onClick={onNavigate}
            aria-current={isHere ? 'page' : undefined}
            className={cn(
              'flex items-center gap-2.5 rounded-lg px-2.5 py-2 text-soft transition-colors hover:bg-raised hover:text-ink',
              isHere && 'bg-raised font-medium text-ink',
            )}
          >
            <Icon className="size-4 shrink-0" aria-hidden />
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
