import type { ReactNode } from 'react';

/** The title of a page of one step, and a sentence below it. */
export function AuthHeading({ children, title }: { children?: ReactNode; title: string }) {
  return (
    <div className="grid gap-1.5">
      <h1 className="text-2xl font-semibold">{title}</h1>
      {children && <p className="text-sm leading-relaxed text-soft">{children}</p>}
    </div>
  );
}
