'use client';

import type { RealtimeSettings } from '@nebula/contract/realtime';
import { Menu as MenuIcon, X } from 'lucide-react';
import Image from 'next/image';
import Link from 'next/link';
import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { Bell } from '../notifications/bell.tsx';
import { PushKeeper } from '../notifications/push-keeper.tsx';
import { RealtimeProvider } from '../realtime/realtime.tsx';
import { SupportBubble } from '../support/bubble.tsx';
import { ApiProvider } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { ThemeToggle } from '../ui/theme.tsx';
import { AccountMenu, type Person } from './account-menu.tsx';
import { CommandPalette } from './command-palette.tsx';
import { LiveAccount } from './live-account.tsx';
import { adminLinks, type NavLink, navLinks } from './nav-links.ts';
import { SessionKeeper } from './session-keeper.tsx';
import { Sidebar } from './sidebar.tsx';

/** The frame of every page of the dashboard. */
export function DashboardShell({
  children,
  docs,
  person,
  realtime,
}: {
  children: ReactNode;
  docs: { href: string; label: string }[];
  person: Person & { id: string; isAdmin: boolean };
  realtime: RealtimeSettings | undefined;
}) {
  const links = person.isAdmin ? [...navLinks, ...adminLinks] : navLinks;
  return (
    <ApiProvider>
      <RealtimeProvider accountId={person.id} settings={realtime}>
        <SessionKeeper />
        <LiveAccount />
        <PushKeeper />
        <a
          href="#content"
          className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-3"
        >
          Skip to the content
        </a>
        <header className="sticky top-0 z-40 flex h-14 items-center gap-2 border-b bg-page/85 px-4 backdrop-blur">
          <Drawer links={links} />
          <Link href="/dashboard" className="mr-auto flex items-center gap-2 font-semibold">
            <Image src="/logo.svg" alt="" width={24} height={24} unoptimized />
            <span className="max-sm:sr-only">NebulaAPI</span>
          </Link>
          <CommandPalette docs={docs} links={links} />
          <Bell />
          <ThemeToggle />
          <AccountMenu email={person.email} name={person.name} plan={person.plan} />
        </header>
        <div className="mx-auto grid max-w-7xl grid-cols-[minmax(0,1fr)] lg:grid-cols-[14rem_minmax(0,1fr)]">
          <aside className="sticky top-14 hidden h-[calc(100dvh-3.5rem)] overflow-y-auto border-r p-3 lg:block">
            <Sidebar links={links} />
          </aside>
          <main id="content" className="grid min-w-0 content-start gap-6 px-4 py-8 sm:px-8">
            {children}
          </main>
        </div>
        <SupportBubble />
      </RealtimeProvider>
    </ApiProvider>
  );
}

/** The list of pages where there is no room beside the page. */
function Drawer({ links }: { links: NavLink[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <Button kind="ghost" size="icon" aria-label="Open the menu" className="lg:hidden">
          <MenuIcon className="size-5" aria-hidden />
        </Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/60" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 grid w-72 max-w-[85vw] content-start gap-4 border-r bg-surface p-4"
        >
          <div className="flex items-center justify-between">
            <Dialog.Title className="font-semibold">NebulaAPI</Dialog.Title>
            <Dialog.Close asChild>
              <Button kind="ghost" size="icon" aria-label="Close the menu">
                <X className="size-4" aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <Sidebar links={links} onNavigate={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
