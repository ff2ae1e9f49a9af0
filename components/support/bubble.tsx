'use client';

import { MessageCircle, X } from 'lucide-react';
import dynamic from 'next/dynamic';
import { usePathname, useSearchParams } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useConversations } from './use-conversations.ts';

// Most visits never open it: its code comes when it is opened.
const SupportPanel = dynamic(() => import('./panel.tsx').then((module) => module.SupportPanel), {
  loading: () => <Skeleton className="m-4 h-40" />,
});

/** There the page itself is the support. */
const supportPages = ['/dashboard/support', '/dashboard/admin/support'];

/** The way to the support from every page: how much is unread, and the conversations. */
export function SupportBubble() {
  return supportPages.includes(usePathname()) ? null : <Bubble />;
}

function Bubble() {
  const [isOpen, setOpen] = useState(false);
  const [shown, setShown] = useState<string>();
  const conversations = useConversations();
  const { unread } = conversations;
  // The link of a mail or of a notification; it may be followed on a page that is open already.
  const named = useSearchParams().get('conversation');
  useEffect(() => {
    const { pathname } = window.location;
    if (!named || pathname.startsWith('/dashboard/admin')) return;
    setShown(named);
    setOpen(true);
    // So that the same link opens it once more.
    window.history.replaceState(null, '', pathname);
  }, [named]);
  const name = unread > 0 ? `Support, ${unread} unread` : 'Support';
  return (
    <Dialog.Root modal={false} open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <button
          type="button"
          aria-label={name}
          className="fixed right-4 bottom-4 z-40 grid size-12 place-items-center rounded-full bg-accent text-accent-ink shadow-lift transition-opacity hover:opacity-90"
        >
          <MessageCircle className="size-5" aria-hidden />
          {unread > 0 && (
            <span
              aria-hidden
              className="absolute -top-1 -right-1 min-w-5 rounded-full border bg-surface px-1 text-xs leading-5 font-semibold text-ink"
            >
              {unread > 99 ? '99+' : unread}
            </span>
          )}
        </button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          // It stays while somebody works on the page beside it.
          onInteractOutside={(event) => event.preventDefault()}
          className="fixed inset-0 z-50 flex flex-col overflow-hidden border bg-surface shadow-lift sm:inset-auto sm:right-4 sm:bottom-4 sm:h-[min(38rem,calc(100dvh-2rem))] sm:w-[24rem] sm:rounded-2xl"
        >
          <div className="flex items-center justify-between border-b py-2 pr-2 pl-4">
            <Dialog.Title className="font-semibold">Support</Dialog.Title>
            <Dialog.Close asChild>
              <Button kind="ghost" size="icon" aria-label="Close the support">
                <X className="size-4" aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <SupportPanel conversations={conversations} shown={shown} onShow={setShown} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
