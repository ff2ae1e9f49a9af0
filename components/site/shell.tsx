import Image from 'next/image';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ButtonLink } from '../ui/button.tsx';
import { ThemeToggle } from '../ui/theme.tsx';

const links = [
  { href: '/playground', label: 'Playground' },
  { href: '/docs', label: 'Docs' },
  { href: '/pricing', label: 'Pricing' },
  { href: '/docs/api', label: 'Reference' },
];

/** Header and footer of every public page. */
export function SiteShell({
  children,
  isSignedIn = false,
}: {
  children: ReactNode;
  isSignedIn?: boolean;
}) {
  const door = isSignedIn
    ? { href: '/dashboard', label: 'Dashboard' }
    : { href: '/sign-in', label: 'Sign in' };
  return (
    <div className="flex min-h-screen flex-col">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-3"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-40 border-b bg-page/85 backdrop-blur">
        <div className="mx-auto flex h-14 max-w-6xl items-center gap-1 px-4 sm:gap-2 sm:px-6">
          <Link
            href="/"
            className="mr-auto flex items-center gap-2 font-semibold tracking-tight sm:mr-6"
          >
            <Image src="/logo.svg" alt="" width={24} height={24} unoptimized />
            <span className="max-sm:sr-only">NebulaAPI</span>
          </Link>
          <nav aria-label="Main" className="flex items-center sm:mr-auto sm:gap-1">
            {links.map(({ href, label }) => (
              <Link
                key={href}
                href={href}
                className="rounded-lg px-2 py-1.5 text-sm text-soft hover:text-ink sm:px-3"
              >
                {label}
              </Link>
            ))}
          </nav>
          <ThemeToggle />
          <ButtonLink href={door.href} kind="secondary" size="small" className="max-sm:hidden">
            {door.label}
          </ButtonLink>
        </div>
      </header>
      <div id="content" className="flex-1">
        {children}
      </div>
      <footer className="border-t">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 gap-y-2 px-4 py-8 text-sm text-faint sm:px-6">
          <span className="mr-auto">NebulaAPI, MIT licence</span>
          <Link href="/docs" className="hover:text-ink">
            Docs
          </Link>
          <Link href="/docs/errors" className="hover:text-ink">
            Errors
          </Link>
          <a href="/api/v1/openapi.json" className="hover:text-ink">
            OpenAPI
          </a>
          <Link href={door.href} className="hover:text-ink">
            {door.label}
          </Link>
        </div>
      </footer>
    </div>
  );
}
