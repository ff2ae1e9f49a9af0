'use client';

import { Download, FileArchive } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Badge, Card } from '../ui/card.tsx';
import { BeforeAfter } from './before-after.tsx';
import { formatBytes } from './format.ts';
import type { Problem, RunState } from './run-request.ts';

/** What became of a run: nothing yet, on its way, an error, or the output with its facts. */
export function ResultView({ original, run }: { original?: File; run: RunState }) {
  return (
    <Card aria-label="Result" aria-live="polite" className="grid gap-4">
      <h2 className="font-semibold">Result</h2>
      {run.phase === 'idle' && (
        <p className="rounded-xl border border-dashed px-4 py-10 text-center text-sm text-faint">
          Choose an input and run the tool. The output appears here.
        </p>
      )}
      {run.phase === 'uploading' && <Progress label="Uploading" percent={run.percent} />}
      {run.phase === 'running' && <Progress label="Working" />}
      {run.phase === 'failed' && <ProblemView problem={run.problem} />}
      {run.phase === 'done' && <Output run={run} original={original} />}
    </Card>
  );
}

function Progress({ label, percent }: { label: string; percent?: number }) {
  return (
    <div className="grid gap-2 py-6">
      <p className="text-sm text-soft">
        {label} {percent === undefined ? '…' : `${Math.round(percent)} %`}
      </p>
      <div className="h-1.5 overflow-hidden rounded-full bg-raised">
        <div
          className={
            percent === undefined
              ? 'h-full w-1/3 animate-pulse rounded-full bg-accent'
              : 'h-full rounded-full bg-accent transition-all'
          }
          style={percent === undefined ? undefined : { width: `${percent}%` }}
        />
      </div>
    </div>
  );
}

function ProblemView({ problem }: { problem: Problem }) {
  return (
    <div role="alert" className="grid gap-2 rounded-xl bg-bad-soft p-4 text-sm">
      <p className="font-medium text-bad">{problem.title}</p>
      <p>{problem.detail}</p>
      {problem.errors && problem.errors.length > 1 && (
        <ul className="list-inside list-disc">
          {problem.errors.map(({ message, path }) => (
            <li key={path + message}>{message}</li>
          ))}
        </ul>
      )}
      <p className="flex flex-wrap gap-2 text-xs text-soft">
        <a href={`/docs/errors#${problem.code}`} className="underline underline-offset-4">
          {problem.code}
        </a>
        {problem.request_id && <span className="font-mono">{problem.request_id}</span>}
      </p>
    </div>
  );
}

type Done = Extract<RunState, { phase: 'done' }>;

function Output({ original, run }: { original?: File; run: Done }) {
  const url = useObjectUrl(run.blob);
  return (
    <>
      <Preview run={run} url={url} original={original} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm">
          <span className="font-medium">{run.filename}</span>{' '}
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
        <p key={code + message} className="rounded-lg bg-warn-soft px-3 py-2 text-sm">
          <code className="font-mono text-xs text-warn">{code}</code> {message}
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

function Preview({ original, run, url }: { original?: File; run: Done; url?: string }) {
  const before = useObjectUrl(original?.type.startsWith('image/') ? original : undefined);
  if (!url) return null;
  if (run.type === 'application/pdf')
    return (
      <iframe
        src={`${url}#navpanes=0&view=FitH`}
        title="The PDF"
        className="h-[28rem] w-full rounded-xl border bg-raised"
      />
    );
  if (run.type.startsWith('image/') && before) return <BeforeAfter before={before} after={url} />;
  if (run.type.startsWith('image/')) {
    // biome-ignore lint/performance/noImgElement: the picture is a blob of this page.
    return <img src={url} alt="The output" className="mx-auto max-h-[28rem] rounded-xl" />;
  }
  return (
    <p className="flex items-center gap-3 rounded-xl border p-5 text-sm">
      <FileArchive className="size-6 text-faint" aria-hidden />
      Several outputs <Badge>{run.type}</Badge>
    </p>
  );
}

function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return setUrl(undefined);
    const next = URL.createObjectURL(blob);
    setUrl(next);
    return () => URL.revokeObjectURL(next);
  }, [blob]);
  return url;
}
