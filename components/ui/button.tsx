import { cva, type VariantProps } from 'class-variance-authority';
import Link from 'next/link';
import type { ComponentProps } from 'react';
import { cn } from './class-names.ts';

/** The look of a button, for what is none: a link that downloads. */
export const buttonStyles = cva(
  'inline-flex items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors disabled:pointer-events-none disabled:opacity-50',
  {
    variants: {
      kind: {
        primary: 'bg-accent text-accent-ink hover:opacity-90',
        secondary: 'border bg-surface text-ink hover:bg-raised',
        danger: 'bg-bad text-surface hover:opacity-90',
        ghost: 'text-soft hover:bg-raised hover:text-ink',
      },
      size: { small: 'h-8 px-3 text-sm', normal: 'h-10 px-4 text-sm', icon: 'size-9' },
    },
    defaultVariants: { kind: 'primary', size: 'normal' },
  },
);

type Style = VariantProps<typeof buttonStyles>;

export function Button({
  className,
  kind,
  size,
  type = 'button',
  ...rest
}: ComponentProps<'button'> & Style) {
  return <button type={type} className={cn(buttonStyles({ kind, size }), className)} {...rest} />;
}

export function ButtonLink({
  className,
  kind,
  size,
  ...rest
}: ComponentProps<typeof Link> & Style) {
  return <Link className={cn(buttonStyles({ kind, size }), className)} {...rest} />;
}
