import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** What stands where nothing is yet: what will be here, and how to get it. */
export function EmptyState({
  children,
  icon: Icon,
  title,
}: {
  children: ReactNode;
  icon: LucideIcon;
  title: string;
}) {
  return (
    <div className="grid justify-items-center gap-2 rounded-xl border border-dashed px-6 py-10 text-center text-sm">
      <Icon className="size-6 text-faint" aria-hidden />
      <p className="font-medium">{title}</p>
      <div className="max-w-sm leading-relaxed text-soft">{children}</div>
    </div>
  );
}
