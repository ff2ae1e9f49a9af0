import type { ReactNode } from 'react';
import { Card } from './card.tsx';

/** One figure with its name. */
export function Stat({
  children,
  label,
  note,
}: {
  children: ReactNode;
  label: string;
  note?: ReactNode;
}) {
  return (
    <Card className="grid content-start gap-1 p-4 sm:p-5">
      <p className="text-xs text-faint">{label}</p>
      <p className="text-2xl font-semibold tabular-nums">{children}</p>
      {note && <p className="text-xs text-soft">{note}</p>}
    </Card>
  );
}
