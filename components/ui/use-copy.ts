'use client';

import { useState } from 'react';
import { toast } from './toast.tsx';

const shownMilliseconds = 1500;

/** Copies a text, and says for a moment that it has. */
export function useCopy(text: string): { isCopied: boolean; copy: () => Promise<void> } {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), shownMilliseconds);
    } catch {
      // Browsers keep the clipboard from pages without https, localhost aside.
      toast.error('The browser does not allow copying here. Select the text instead.');
    }
  };
  return { isCopied, copy };
}
