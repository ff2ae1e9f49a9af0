'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input, Select, TextArea } from '../ui/field.tsx';
import type { Pipeline } from './pipeline-editor.tsx';

/** A tool, and the names of everything that its input may have. */
export type RunTool = { id: string; takes: string[] };

const ways = {
  file_id: 'a stored file',
  file_ids: 'a stored file',
  url: 'a public address',
  html: 'HTML',
} as const;

type Way = keyof typeof ways;

/** Asks what a pipeline is to run on, and begins the job; undefined closes it. */
export function RunDialog({
  onClose,
  pipeline,
  tools,
}: {
  onClose: () => void;
  pipeline?: Pipeline;
  tools: RunTool[];
}) {
  return (
    <Dialog
      open={pipeline !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={`Run ${pipeline?.name ?? ''}`}
      description="As it was saved; it is charged as its steps are."
    >
      {pipeline && <RunForm pipeline={pipeline} tools={tools} />}
    </Dialog>
  );
}

function RunForm({ pipeline, tools }: { pipeline: Pipeline; tools: RunTool[] }) {
  const trpc = useTRPC();
  const router = useRouter();
  const open = pipeline.steps.filter(({ input }) => input === undefined);
  const offered = waysOf(open, tools);
  const [way, setWay] = useState<Way | undefined>(offered[0]);
  const start = useMutation(
    trpc.jobs.create.mutationOptions({
      onSuccess: ({ id }) => router.push(`/dashboard/jobs/${id}`),
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The dialogue is drawn elsewhere, but in React it is within the form of the editor.
    event.stopPropagation();
    const value = String(new FormData(event.currentTarget).get('value') ?? '');
    const input =
      open.length > 0 && way ? { [way]: way === 'file_ids' ? [value] : value } : undefined;
    start.mutate({ pipeline: pipeline.id, input });
  };
  if (open.length > 0 && way === undefined)
    return (
      <Alert>
        Its steps take several files at once. Run it by <code>POST /jobs</code>, as{' '}
        <Link href="/docs/api" className="text-accent underline">
          the reference
        </Link>{' '}
        says.
      </Alert>
    );
  return (
    <form onSubmit={submit} className="grid gap-4 p-0.5">
      {open.length === 0 && <p className="text-sm text-soft">Each step has an input of its own.</p>}
      {way && open.length > 0 && (
        <>
          <Field htmlFor="run-way" label="Run on">
            <Select
              id="run-way"
              value={way}
              onChange={(event) => setWay(event.target.value as Way)}
            >
              {offered.map((each) => (
                <option key={each} value={each}>
                  {ways[each]}
                </option>
              ))}
            </Select>
          </Field>
          <RunInput key={way} way={way} />
        </>
      )}
      {start.error && <Alert kind="bad">{start.error.message}</Alert>}
      <Button type="submit" disabled={start.isPending || start.isSuccess}>
        {start.isPending ? 'Starting …' : 'Run'}
      </Button>
    </form>
  );
}

/** What every step takes that the pipeline leaves open. */
function waysOf(open: Pipeline['steps'], tools: RunTool[]): Way[] {
  const taken = open.map(({ tool }) => tools.find(({ id }) => id === tool)?.takes ?? []);
  return (Object.keys(ways) as Way[]).filter((way) => taken.every((own) => own.includes(way)));
}

function RunInput({ way }: { way: Way }) {
  if (way === 'html')
    return (
      <Field htmlFor="run-value" label="HTML">
        <TextArea id="run-value" name="value" required rows={8} spellCheck={false} />
      </Field>
    );
  if (way === 'url')
    return (
      <Field htmlFor="run-value" label="Address">
        <Input
          id="run-value"
          name="value"
          type="url"
          required
          maxLength={2048}
          placeholder="https://example.com/report.pdf"
        />
      </Field>
    );
  return <StoredFile />;
}

/** The newest files; older ones are removed before long. */
function StoredFile() {
  const trpc = useTRPC();
  const files = useQuery(trpc.files.list.queryOptions({ limit: 100 }));
  return (
    <QueryView query={files} height="h-16">
      {({ data }) => (
        <Field
          htmlFor="run-value"
          label="File"
          hint={
            data.length === 0 && (
              <>
                There is none yet.{' '}
                <Link href="/dashboard/files" className="text-accent underline">
                  Store one first.
                </Link>
              </>
            )
          }
        >
          <Select id="run-value" name="value" required disabled={data.length === 0}>
            {data.map(({ filename, id }) => (
              <option key={id} value={id}>
                {filename}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </QueryView>
  );
}
