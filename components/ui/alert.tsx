import type { ReactNode } from 'react';
import { cn } from './class-names.ts';

const looks = {
  bad: 'bg-bad-soft text-bad',
  warn: 'bg-warn-soft text-warn',
  good: 'bg-good-soft text-good',
  note: 'bg-raised text-soft',
};

/** Something that the reader should know before going on. What is bad is read out at once. */
export function Alert({
  children,
  className,
  kind = 'note',
}: {
  children: ReactNode;
  className?: string;
  kind?: keyof typeof looks;
}) {
  return (
    <div
      role={kind === 'bad' ? 'alert' : 'status'}
      className={cn('rounded-lg px-3 py-2 text-sm leading-relaxed', looks[kind], className)}
    >
      {children}
    </div>
  );
}
