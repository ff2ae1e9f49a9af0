import type { ReactNode } from 'react';

/** The title of a page, a sentence on what it is for, and what can be done on it. */
export function PageHeader({
  actions,
  children,
  title,
}: {
  actions?: ReactNode;
  children?: ReactNode;
  title: string;
}) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-4">
      <div className="grid max-w-2xl gap-1">
        <h1 className="text-2xl font-semibold">{title}</h1>
        {children && <p className="text-sm leading-relaxed text-soft">{children}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}
