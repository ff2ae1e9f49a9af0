'use client';

import { Tooltip as Radix } from 'radix-ui';
import type { ReactElement } from 'react';

/** A hint on hover and focus. It repeats what the control's own label says, never more. */
export function Tooltip({ children, text }: { children: ReactElement; text: string }) {
  return (
    <Radix.Provider delayDuration={400}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content
            sideOffset={6}
            collisionPadding={8}
            className="z-50 rounded-lg bg-ink px-2.5 py-1.5 text-xs text-page shadow-lift"
          >
            {text}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  );
}
