import { cn } from './class-names.ts';

/** The shape of what is being loaded, in its size, so that nothing moves when it comes. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('animate-pulse rounded-lg bg-raised', className)} />;
}
