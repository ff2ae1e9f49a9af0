'use client';

import { Download, Sparkles } from 'lucide-react';
import { Card } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Progress } from '../ui/progress.tsx';
import { Preview, useObjectUrl } from './preview.tsx';
import { ProblemView } from './problem-view.tsx';
import type { RunState } from './run-state.ts';

/** What became of a run: nothing yet, on its way, an error, or the output with its facts. */
export function ResultView({ original, run }: { original?: File; run: RunState }) {
  return (
    <Card aria-label="Result" aria-live="polite" className="grid gap-4">
      <h2 className="font-semibold">Result</h2>
      {run.phase === 'idle' && (
        <EmptyState icon={Sparkles} title="Nothing has run yet">
          Choose an input and run the tool. The output appears here, with its warnings and headers.
        </EmptyState>
      )}
      {run.phase === 'uploading' && (
        <div className="py-6">
          <Progress label="Uploading" percent={run.percent} />
        </div>
      )}
      {run.phase === 'running' && (
        <div className="py-6">
          <Progress label="Working" percent={run.percent} />
        </div>
      )}
      {run.phase === 'failed' && <ProblemView problem={run.problem} />}
      {run.phase === 'done' && <Output run={run} original={original} />}
    </Card>
  );
}

type Done = Extract<RunState, { phase: 'done' }>;

function Output({ original, run }: { original?: File; run: Done }) {
  const url = useObjectUrl(run.blob);
  return (
    <>
      {url && <Preview output={run} url={url} original={original} />}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 text-sm">
          <span className="font-medium break-all">{run.filename}</span>{' '}
          <span className="text-faint">
            {formatBytes(run.blob.size)} in {run.milliseconds} ms
          </span>
        </p>
        <a
          href={url}
          download={run.filename}
          className="inline-flex h-9 items-center gap-2 rounded-lg border px-3 text-sm font-medium hover:bg-raised"
        >
          <Download className="size-4" aria-hidden /> Download
        </a>
      </div>
      {run.warnings.map(({ code, message }) => (
        <p
          key={code + message}
          className="rounded-lg bg-warn-soft px-3 py-2 text-sm [overflow-wrap:anywhere]"
        >
          <a
            href={`/docs/errors#warning-${code}`}
            className="font-mono text-xs text-warn underline underline-offset-4"
          >
            {code}
          </a>{' '}
          {message}
        </p>
      ))}
      <details>
        <summary className="text-sm text-soft hover:text-ink">Headers</summary>
        <dl className="mt-3 grid gap-1.5">
          {run.headers.map(([name, value]) => (
            <div key={name} className="flex flex-wrap gap-2 text-xs">
              <dt className="font-mono text-faint">{name}</dt>
              <dd className="min-w-0 font-mono break-all">{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}
