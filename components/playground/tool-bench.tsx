'use client';

import { Play, X } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { cn } from '../ui/class-names.ts';
import { CodeTabs } from '../ui/code.tsx';
import { codeSamples } from './code-samples.ts';
import { withoutDefaults } from './form-schema.ts';
import { OptionGroups } from './option-groups.tsx';
import { ResultView } from './result-view.tsx';
import { startRun } from './run-request.ts';
import type { RunState } from './run-state.ts';
import { emptySource, SourceInput, type SourceValue, sourceFields } from './source-input.tsx';
import type { ToolForm } from './tool-form.ts';

/** One tool: its input, its options, the run, and the request that would do the same. */
export function ToolBench({
  apiKey,
  isSignedIn,
  tool,
}: {
  apiKey: string;
  isSignedIn: boolean;
  tool: ToolForm;
}) {
  const [source, setSource] = useState<SourceValue>(() => emptySource(tool));
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [run, setRun] = useState<RunState>({ phase: 'idle' });
  const [origin, setOrigin] = useState('');
  const stop = useRef<() => void>(() => {});
  const result = useRef<HTMLDivElement>(null);
  useEffect(() => {
    setOrigin(location.origin);
    return () => stop.current();
  }, []);

  const options = withoutDefaults(values, tool.fields);
  const { files, texts } = sourceFields(tool, source);
  const isBusy = run.phase === 'uploading' || run.phase === 'running';
  const errors = run.phase === 'failed' ? run.problem.errors : undefined;

  const start = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const { id, isLong } = tool;
    const call = { tool: id, isLong, apiKey: isSignedIn ? '' : apiKey, files };
    stop.current = startRun({ ...call, fields: { ...texts, ...options } }, setRun);
    // In one column the result is far below the button.
    if (matchMedia('(width < 64rem)').matches) result.current?.scrollIntoView();
  };

  return (
    <form
      noValidate
      onSubmit={start}
      className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.15fr)]"
    >
      <div className="grid min-w-0 gap-6 max-lg:contents">
        <Card className="grid gap-4">
          <h2 className="font-semibold">Input</h2>
          <SourceInput tool={tool} value={source} onChange={setSource} />
        </Card>
        <Card className="grid gap-5">
          <h2 className="font-semibold">Options</h2>
          <OptionGroups
            tool={tool}
            values={values}
            errors={errors ?? []}
            onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
          />
        </Card>
      </div>
      <div className="grid min-w-0 gap-6 max-lg:contents lg:sticky lg:top-20">
        <div
          className={cn(
            'flex gap-3 max-lg:sticky max-lg:bottom-4 max-lg:z-30',
            // The way to the support has its place in the corner.
            isSignedIn && 'max-lg:pr-16',
          )}
        >
          <Button type="submit" disabled={isBusy} className="flex-1 max-lg:shadow-lift">
            <Play className="size-4" aria-hidden />
            {isBusy ? 'Running …' : 'Run'}
          </Button>
          {isBusy && (
            <Button kind="secondary" onClick={() => stop.current()}>
              <X className="size-4" aria-hidden /> Cancel
            </Button>
          )}
        </div>
        <div ref={result} className="min-w-0 scroll-mt-20">
          <ResultView run={run} original={files[0]?.file} />
        </div>
        <Card className="grid gap-3">
          <h2 className="font-semibold">The exact request</h2>
          <CodeTabs
            samples={codeSamples({
              origin,
              tool: tool.id,
              isLong: tool.isLong,
              files: sampleFiles(tool, source),
              fields: { ...texts, ...options },
              output: outputName(tool, source, options.format),
            })}
          />
        </Card>
      </div>
    </form>
  );
}

/** Until a file is chosen, the request shows where it goes. */
function sampleFiles(tool: ToolForm, source: SourceValue) {
  const { accepts, fileField, list } = tool;
  const named = sourceFields(tool, source).files.map(({ field, file }) => ({
    field,
    name: file.name,
  }));
  const expected = [...(source.way === 'file' ? [fileField] : []), ...(list ? [list.field] : [])];
  const missing = expected.filter((field) => named.every((each) => each.field !== field));
  return [...named, ...missing.map((field) => ({ field, name: `${field}.${accepts[0]}` }))];
}

/** A tool that keeps the type of its input by default answers with a file like the one it got. */
function outputName({ fields, outputs }: ToolForm, { files, way }: SourceValue, format: unknown) {
  const given = way === 'file' ? files[0]?.name.split('.').at(-1)?.toLowerCase() : undefined;
  const wanted = format ?? (fields.format?.default === 'keep' ? given : undefined);
  return `output.${outputs.find((type) => type === wanted) ?? outputs[0]}`;
}
