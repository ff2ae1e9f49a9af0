'use client';

import { Alert } from './alert.tsx';
import { CopyButton } from './copy-button.tsx';

/** A secret that is shown this once, with a button that copies it. */
export function Secret({ label, value }: { label: string; value: string }) {
  return (
    <div className="grid gap-3">
      <Alert kind="warn">
        Copy it now: it is shown this once, and we keep nothing that it could be read from.
      </Alert>
      <div className="flex items-center gap-2 rounded-lg border bg-raised py-1 pr-1 pl-3">
        <output aria-label={label} className="min-w-0 flex-1 font-mono text-xs break-all">
          {value}
        </output>
        <CopyButton label={label} text={value} />
      </div>
    </div>
  );
}
