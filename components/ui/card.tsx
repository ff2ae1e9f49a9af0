import type { ComponentProps } from 'react';
import { cn } from './class-names.ts';

export function Card({ className, ...rest }: ComponentProps<'section'>) {
  return (
    <section
      className={cn('min-w-0 rounded-2xl border bg-surface p-5 shadow-lift sm:p-6', className)}
      {...rest}
    />
  );
}

export function Badge({ className, ...rest }: ComponentProps<'span'>) {
  return (
    <span
      className={cn('rounded-md bg-raised px-1.5 py-0.5 font-mono text-xs text-soft', className)}
      {...rest}
    />
  );
}
