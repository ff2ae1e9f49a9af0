'use client';

import { Check, Copy } from 'lucide-react';
import { Button } from './button.tsx';
import { useCopy } from './use-copy.ts';

/** Copies a text; `label` says which, to those who hear the page. */
export function CopyButton({ label, text }: { label: string; text: string }) {
  const { copy, isCopied } = useCopy(text);
  const Icon = isCopied ? Check : Copy;
  return (
    <Button kind="secondary" size="small" onClick={copy}>
      <Icon className="size-4" aria-hidden />
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy'}</span>
      <span className="sr-only">{label}</span>
    </Button>
  );
}
