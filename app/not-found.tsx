import type { Metadata } from 'next';
import { SiteShell } from '#components/site/shell.tsx';
import { ButtonLink } from '#components/ui/button.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <SiteShell>
      <main className="mx-auto grid min-h-[60vh] max-w-md content-center gap-4 px-6 text-center">
        <p className="font-mono text-sm text-faint">404</p>
        <h1 className="text-3xl font-semibold">There is nothing here</h1>
        <p className="text-soft">The page has moved, or the address has a typo.</p>
        <div className="mt-2 flex flex-wrap justify-center gap-3">
          <ButtonLink href="/">Back to the start</ButtonLink>
          <ButtonLink href="/docs" kind="secondary">
            Read the docs
          </ButtonLink>
        </div>
      </main>
    </SiteShell>
  );
}
