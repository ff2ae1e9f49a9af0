import type { Job } from '@nebula/contract/job';
import type { ReactNode } from 'react';
import { Badge, Card } from '../ui/card.tsx';
import { cn } from '../ui/class-names.ts';
import { Time } from '../ui/time.tsx';

type Moment = { name: string; at: string | null; note?: string };

/** What has happened to a job and what will, in order; what is to come is hollow. */
export function JobTimeline({ job }: { job: Job }) {
  const { created_at, expires_at, files, finished_at, started_at, timing } = job;
  const moments: Moment[] = [
    { name: 'Accepted', at: created_at },
    {
      name: 'Began',
      at: started_at,
      note: timing ? `waited ${inTime(timing.queue_ms)}` : undefined,
    },
    {
      name: 'Ended',
      at: finished_at,
      note: timing ? `ran for ${inTime(timing.run_ms)}` : undefined,
    },
    ...(files.length > 0 ? [{ name: 'Files are removed', at: expires_at }] : []),
  ];
  return (
    <Card aria-label="Timeline">
      <ol className="grid gap-4 sm:grid-flow-col sm:auto-cols-fr">
        {moments.map((moment) => (
          <Point key={moment.name} moment={moment} />
        ))}
      </ol>
    </Card>
  );
}

function Point({ moment: { at, name, note } }: { moment: Moment }) {
  const isPast = at !== null && Date.parse(at) <= Date.now();
  return (
    <li className="flex gap-3 text-sm">
      <span
        aria-hidden
        className={cn(
          'mt-1.5 size-2.5 shrink-0 rounded-full border-2',
          isPast && 'border-accent bg-accent',
        )}
      />
      <span className="grid content-start">
        <span className="font-medium">{name}</span>
        <span className="text-soft">{at ? <Time at={at} /> : 'not yet'}</span>
        {note && <span className="text-xs text-faint">{note}</span>}
      </span>
    </li>
  );
}

/** The steps of a job that has several, with the state of each in words. */
export function JobSteps({ steps }: { steps: NonNullable<Job['steps']> }) {
  return (
    <Section title="Steps">
      <ol className="grid gap-2">
        {steps.map(({ files, id, run_ms, status }, at) => (
          <li
            key={id}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl border bg-surface px-4 py-2.5 text-sm"
          >
            <span className="text-faint tabular-nums">{at + 1}</span>
            <span className="mr-auto font-mono text-xs">{id}</span>
            {files.length > 0 && (
              <span className="text-soft">
                {files.length === 1 ? '1 file' : `${files.length} files`}
              </span>
            )}
            {run_ms !== null && <span className="text-soft tabular-nums">{inTime(run_ms)}</span>}
            <Badge tone={stepTones[status]}>{stepWords[status]}</Badge>
          </li>
        ))}
      </ol>
    </Section>
  );
}

const stepTones = {
  waiting: 'plain',
  processing: 'warn',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'plain',
} as const;

const stepWords = {
  waiting: 'waits',
  processing: 'at work',
  succeeded: 'done',
  failed: 'failed',
  skipped: 'skipped',
} as const;

/** A part of the page with its heading. */
export function Section({ children, title }: { children: ReactNode; title: string }) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h2 className="text-sm font-medium">{title}</h2>
      {children}
    </section>
  );
}

const inTime = (ms: number) =>
  ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
