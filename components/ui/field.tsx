import type { ComponentProps, ReactNode } from 'react';
import { cn } from './class-names.ts';

const control =
  'w-full rounded-lg border bg-surface px-3 text-sm text-ink transition-colors placeholder:text-faint hover:border-faint/60 aria-invalid:border-bad';

/** Id of the hint or error below a control. */
export const describedBy = (htmlFor: string) => `${htmlFor}-note`;

/** A label, its control, a hint, and the error that concerns it. */
export function Field({
  children,
  error,
  hint,
  htmlFor,
  label,
}: {
  children: ReactNode;
  error?: string;
  hint?: ReactNode;
  htmlFor: string;
  label: ReactNode;
}) {
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={htmlFor} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {error ? (
        <p id={describedBy(htmlFor)} className="text-xs text-bad">
          {error}
        </p>
      ) : (
        hint && (
          <p id={describedBy(htmlFor)} className="text-xs leading-relaxed text-faint">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cn(control, 'h-10', className)} {...rest} />;
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea
      className={cn(control, 'min-h-24 py-2 font-mono text-xs leading-relaxed', className)}
      {...rest}
    />
  );
}

export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select className={cn(control, 'h-10', className)} {...rest} />;
}
