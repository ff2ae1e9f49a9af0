'use client';

import { useTheme } from 'next-themes';
import { useEffect, useRef, useState } from 'react';
import { Skeleton } from '../ui/skeleton.tsx';

type Scalar = {
  createApiReference: (
    element: HTMLElement,
    configuration: Record<string, unknown>,
  ) => { destroy?: () => void };
};

const documentUrl = '/api/v1/openapi.json';

const siteLook = `
  .scalar-app, .light-mode, .dark-mode {
    --scalar-font: var(--font-sans, 'Inter Variable', sans-serif);
    --scalar-background-1: var(--page);
    --scalar-background-2: var(--raised);
    --scalar-color-1: var(--ink);
    --scalar-color-2: var(--soft);
    --scalar-color-3: var(--faint);
    --scalar-color-accent: var(--accent);
    --scalar-border-color: var(--line);
    --scalar-sidebar-background-1: var(--page);
    --scalar-custom-header-height: 3.5rem;
  }
`;

/** The Scalar reference, served from this host, on the document that the API writes of itself. */
export function ApiReference() {
  const holder = useRef<HTMLDivElement>(null);
  const { resolvedTheme } = useTheme();
  const [hasFailed, setFailed] = useState(false);

  useEffect(() => {
    const element = holder.current;
    if (!element || !resolvedTheme) return;
    let reference: { destroy?: () => void } | undefined;
    let isGone = false;
    const draw = (scalar: Scalar) => {
      if (isGone) return;
      // An element with content would be taken for one that a server has drawn.
      element.replaceChildren();
      reference = scalar.createApiReference(element, {
        url: documentUrl,
        withDefaultFonts: false,
        forceDarkModeState: resolvedTheme === 'dark' ? 'dark' : 'light',
        hideDarkModeToggle: true,
        hideClientButton: true,
        telemetry: false,
        showDeveloperTools: 'never',
        agent: { disabled: true },
        mcp: { disabled: true },
        customCss: siteLook,
        theme: 'default',
      });
    };
    loadScalar().then(draw, () => setFailed(true));
    return () => {
      isGone = true;
      reference?.destroy?.();
      element.replaceChildren();
    };
  }, [resolvedTheme]);

  return (
    <div className="min-h-[80vh]">
      {hasFailed && (
        <p role="alert" className="bg-bad-soft px-6 py-3 text-sm">
          The reference could not be loaded. The document itself is at{' '}
          <a href={documentUrl} className="underline underline-offset-4">
            {documentUrl}
          </a>
          .
        </p>
      )}
      <div ref={holder}>
        <main className="mx-auto grid max-w-6xl gap-6 px-4 py-12 sm:px-6">
          <h1 className="text-3xl font-semibold">API reference</h1>
          <Skeleton className="h-5 w-2/3" />
          <Skeleton className="h-72" />
          <Skeleton className="h-72" />
        </main>
      </div>
    </div>
  );
}

function loadScalar(): Promise<Scalar> {
  const known = (window as { Scalar?: Scalar }).Scalar;
  if (known) return Promise.resolve(known);
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = '/docs/api/scalar.js';
    script.onload = () => {
      // A script that arrived may still have failed.
      const { Scalar } = window as { Scalar?: Scalar };
      if (Scalar) resolve(Scalar);
      else reject(new Error('the script did not start'));
    };
    script.onerror = reject;
    document.head.append(script);
  });
}
