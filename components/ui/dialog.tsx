'use client';

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';

/**
 * A window over the page. Focus goes in, stays in, and returns to the trigger.
 *
 * @example
 * <Dialog trigger={<Button>Enlarge</Button>} title="invoice.pdf">…</Dialog>
 */
export function Dialog({
  children,
  className,
  description,
  onOpenChange,
  open,
  title,
  trigger,
}: {
  children: ReactNode;
  className?: string;
  /** One sentence below the title. */
  description?: string;
  /** With `open`, the window is opened and closed by its owner. */
  onOpenChange?: (open: boolean) => void;
  open?: boolean;
  title: string;
  trigger?: ReactElement;
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      {trigger && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-black/60" />
        <Radix.Content
          aria-describedby={description ? undefined : ''}
          className={cn(
            'fixed top-1/2 left-1/2 z-50 grid max-h-[94dvh] w-[min(34rem,calc(100vw-1.5rem))] -translate-x-1/2 -translate-y-1/2 grid-rows-[auto_minmax(0,1fr)] gap-4 overflow-hidden rounded-2xl border bg-surface p-4 shadow-lift sm:p-5',
            className,
          )}
        >
          <div className="flex items-start gap-4">
            <div className="mr-auto grid min-w-0 gap-1">
              <Radix.Title className="truncate font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description className="text-sm text-soft">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <Button kind="ghost" size="icon" aria-label="Close" className="-mt-1.5 -mr-1.5">
                <X className="size-4" aria-hidden />
              </Button>
            </Radix.Close>
          </div>
          <div className="min-h-0 overflow-auto">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
