import type { ComponentProps } from 'react';
import { cn } from './class-names.ts';

/** Rows that scroll sideways in their own frame, never the page. */
export function Table({ children, className, label }: ComponentProps<'table'> & { label: string }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className={cn('relative overflow-x-auto rounded-xl border bg-surface', className)}
    >
      <table className="w-full border-collapse text-sm">{children}</table>
    </section>
  );
}

export function Th({ className, ...rest }: ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      className={cn(
        'border-b px-4 py-2.5 text-left text-xs font-medium whitespace-nowrap text-faint',
        className,
      )}
      {...rest}
    />
  );
}

type Column = string | { name: string; isFigure?: boolean; isHidden?: boolean };

/**
 * The names of the columns. Figures stand at the right; a hidden name is only read aloud.
 *
 * @example
 * <Head columns={['File', { name: 'Size', isFigure: true }, { name: 'Actions', isHidden: true }]} />
 */
export function Head({ columns }: { columns: readonly Column[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const { isFigure, isHidden, name } =
            typeof column === 'string' ? ({ name: column } as Exclude<Column, string>) : column;
          return (
            <Th key={name} className={isFigure ? 'text-right' : undefined}>
              {isHidden ? <span className="sr-only">{name}</span> : name}
            </Th>
          );
        })}
      </tr>
    </thead>
  );
}

export function Td({ className, ...rest }: ComponentProps<'td'>) {
  return <td className={cn('border-b px-4 py-3 align-middle', className)} {...rest} />;
}

export function Row({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr className={cn('last:[&>td]:border-b-0', className)} {...rest} />;
}
