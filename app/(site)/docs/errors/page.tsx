import { errorCodes } from '@nebula/contract/errors';
import { warningCodes } from '@nebula/contract/warnings';
import type { Metadata } from 'next';
import { DocsShell } from '#components/site/docs-shell.tsx';
import { Badge } from '#components/ui/card.tsx';
import { Prose } from '#components/ui/prose.tsx';

export const metadata: Metadata = {
  title: 'Errors',
  description: 'Every error and warning code of the API: what it means and what to do.',
};

export default function ErrorsPage() {
  return (
    <DocsShell>
      <h1 className="text-3xl font-semibold">Errors</h1>
      <p className="mt-3 text-soft">
        Answers of 400 and above are problem+json; <Badge>code</Badge> is one of these.
      </p>
      <div className="mt-8 grid gap-6">
        {Object.entries(errorCodes).map(([code, { about, retryable, status, title }]) => (
          <section key={code} id={code} className="grid gap-1.5 border-t pt-5 target:border-accent">
            <h2 className="flex flex-wrap items-center gap-2 font-semibold">
              <a href={`#${code}`} className="font-mono text-[15px] hover:text-accent">
                {code}
              </a>
              <Badge>{status}</Badge>
              {retryable && <Badge className="text-good">retryable</Badge>}
            </h2>
            <p className="text-sm font-medium">{title}</p>
            <p className="leading-relaxed text-soft">
              <Prose text={about} />
            </p>
          </section>
        ))}
      </div>
      <h2 className="mt-14 text-2xl font-semibold">Warnings</h2>
      <dl className="mt-6 grid gap-4">
        {Object.entries(warningCodes).map(([code, about]) => (
          <div key={code} id={`warning-${code}`} className="border-t pt-4">
            <dt className="font-mono text-[15px]">{code}</dt>
            <dd className="mt-1 text-soft">
              <Prose text={about} />
            </dd>
          </div>
        ))}
      </dl>
    </DocsShell>
  );
}
