'use client';

import { Command } from 'cmdk';
import { BookOpen, Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';
import type { NavLink } from './nav-links.ts';

type Page = { href: string; label: string };

const item =
  'flex cursor-pointer items-center gap-2.5 rounded-lg px-3 py-2 text-sm data-[selected=true]:bg-raised';

/** Every page by its name, under Ctrl K. */
export function CommandPalette({ docs, links }: { docs: Page[]; links: NavLink[] }) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const toggle = (event: KeyboardEvent) => {
      if (event.key !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setOpen((open) => !open);
    };
    document.addEventListener('keydown', toggle);
    return () => document.removeEventListener('keydown', toggle);
  }, []);
  const go = (href: string) => {
    setOpen(false);
    router.push(href);
  };
  return (
    <>
      <Button
        kind="secondary"
        size="small"
        onClick={() => setOpen(true)}
        className="text-faint max-sm:size-9 max-sm:px-0"
      >
        <Search className="size-4" aria-hidden />
        <span className="max-sm:sr-only">Go to</span>
        <kbd className="rounded border px-1 font-sans text-xs max-sm:hidden">Ctrl K</kbd>
      </Button>
      <Command.Dialog
        open={isOpen}
        onOpenChange={setOpen}
        label="Go to a page"
        overlayClassName="fixed inset-0 z-50 bg-black/60"
        contentClassName="fixed top-[12vh] left-1/2 z-50 w-[min(34rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-2xl border bg-surface shadow-lift"
      >
        <Command.Input
          placeholder="Where to?"
          className="w-full border-b bg-transparent px-4 py-3.5 text-sm outline-none placeholder:text-faint"
        />
        <Command.List className="max-h-80 overflow-y-auto p-2">
          <Command.Empty className="px-3 py-6 text-center text-sm text-soft">
            No page is called that.
          </Command.Empty>
          <Command.Group heading="Dashboard" className="text-xs text-faint">
            {links.map(({ href, icon: Icon, label }) => (
              <Command.Item key={href} onSelect={() => go(href)} className={`${item} text-ink`}>
                <Icon className="size-4 text-faint" aria-hidden /> {label}
              </Command.Item>
            ))}
          </Command.Group>
          <Command.Group heading="Documentation" className="text-xs text-faint">
            {docs.map(({ href, label }) => (
              <Command.Item key={href} onSelect={() => go(href)} className={`${item} text-ink`}>
                <BookOpen className="size-4 text-faint" aria-hidden /> {label}
              </Command.Item>
            ))}
          </Command.Group>
        </Command.List>
      </Command.Dialog>
    </>
  );
}
