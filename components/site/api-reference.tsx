'use client';

import { useTheme } from 'next-themes';
import { useEffect, useRef } from 'react';

type Scalar = {
  createApiReference: (
    element: HTMLElement,
    configuration: Record<string, unknown>,
  ) => { destroy?: () => void };
};

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

  useEffect(() => {
    const element = holder.current;
    if (!element || !resolvedTheme) return;
    let reference: { destroy?: () => void } | undefined;
    let isGone = false;
    loadScalar().then((scalar) => {
      if (isGone) return;
      // An element with content would be taken for one that a server has drawn.
      element.replaceChildren();
      reference = scalar.createApiReference(element, {
        url: '/api/v1/openapi.json',
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
    });
    return () => {
      isGone = true;
      reference?.destroy?.();
      element.replaceChildren();
    };
  }, [resolvedTheme]);

  return (
    <div ref={holder}>
      <p className="p-10 text-center text-soft">Loading the reference …</p>
    </div>
  );
}

function loadScalar(): Promise<Scalar> {
  const known = (window as { Scalar?: Scalar }).Scalar;
  if (known) return Promise.resolve(known);
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = '/docs/api/scalar.js';
    script.onload = () => resolve((window as unknown as { Scalar: Scalar }).Scalar);
    script.onerror = reject;
    document.head.append(script);
  });
}
