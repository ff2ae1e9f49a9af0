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

const tones = {
  plain: 'bg-raised text-soft',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
};

export function Badge({
  className,
  tone = 'plain',
  ...rest
}: ComponentProps<'span'> & { tone?: keyof typeof tones }) {
  return (
    <span
      className={cn('rounded-md px-1.5 py-0.5 font-mono text-xs', tones[tone], className)}
      {...rest}
    />
  );
}
