'use client';

import { Switch as Radix } from 'radix-ui';

export function Switch(props: {
  id: string;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
}) {
  return (
    <Radix.Root
      {...props}
      className="relative h-6 w-10 shrink-0 rounded-full bg-line transition-colors data-[state=checked]:bg-accent"
    >
      <Radix.Thumb className="block size-5 translate-x-0.5 rounded-full bg-white shadow transition-transform data-[state=checked]:translate-x-[1.125rem]" />
    </Radix.Root>
  );
}
