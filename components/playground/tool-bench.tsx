'use client';

import type { Tool } from '@nebula/contract/tool';
import { Play, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { CodeTabs } from '../ui/code.tsx';
import { codeSamples } from './code-samples.ts';
import { fieldsOf, withoutDefaults } from './form-schema.ts';
import { OptionField } from './option-field.tsx';
import { ResultView } from './result-view.tsx';
import { type RunState, startRun } from './run-request.ts';
import { emptySource, SourceInput, type SourceValue, sourceFields } from './source-input.tsx';

/** One tool: its input, its options, the run, and the request that would do the same. */
export function ToolBench({
  apiKey,
  isSignedIn,
  tool,
}: {
  apiKey: string;
  isSignedIn: boolean;
  tool: Tool;
}) {
  const fields = fieldsOf(tool);
  const [source, setSource] = useState<SourceValue>(() => emptySource(tool));
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [run, setRun] = useState<RunState>({ phase: 'idle' });
  const [origin, setOrigin] = useState('');
  const stop = useRef<() => void>(() => {});
  useEffect(() => setOrigin(location.origin), []);

  const options = withoutDefaults(values, fields);
  const { file, texts } = sourceFields(tool, source);
  const isBusy = run.phase === 'uploading' || run.phase === 'running';
  const errors = run.phase === 'failed' ? run.problem.errors : undefined;
  const errorOf = (name: string) =>
    errors?.find(({ path }) => path === name || path.startsWith(`${name}.`))?.message;

  const start = () => {
    const call = { tool: tool.id, apiKey: isSignedIn ? '' : apiKey, field: tool.source.field };
    stop.current = startRun({ ...call, file, fields: { ...texts, ...options } }, setRun);
  };

  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.15fr)]">
      <div className="grid min-w-0 gap-6">
        <Card className="grid gap-4">
          <h2 className="font-semibold">Input</h2>
          <SourceInput tool={tool} value={source} onChange={setSource} />
        </Card>
        <Card className="grid gap-5">
          <h2 className="font-semibold">Options</h2>
          {tool.groups.map((group) => {
            const rows = group.fields.map((name) => (
              <OptionField
                key={name}
                name={name}
                schema={fields[name] ?? {}}
                value={values[name]}
                error={errorOf(name)}
                onChange={(value) => setValues((before) => ({ ...before, [name]: value }))}
              />
            ));
            return group.advanced ? (
              <details key={group.title} className="border-t pt-4">
                <summary className="text-sm font-medium text-soft hover:text-ink">
                  {group.title}
                </summary>
                <div className="mt-4 grid gap-4 sm:grid-cols-2">{rows}</div>
              </details>
            ) : (
              <div key={group.title} className="grid gap-4 sm:grid-cols-2">
                {rows}
              </div>
            );
          })}
        </Card>
      </div>
      <div className="grid min-w-0 gap-6 lg:sticky lg:top-20">
        <div className="flex gap-3">
          <Button onClick={start} disabled={isBusy} className="flex-1">
            <Play className="size-4" aria-hidden />
            {isBusy ? 'Running …' : 'Run'}
          </Button>
          {isBusy && (
            <Button kind="secondary" onClick={() => stop.current()}>
              <X className="size-4" aria-hidden /> Cancel
            </Button>
          )}
        </div>
        <ResultView run={run} original={file} />
        <Card className="grid gap-3">
          <h2 className="font-semibold">The exact request</h2>
          <CodeTabs
            samples={codeSamples({
              origin,
              tool: tool.id,
              file: file && { field: tool.source.field, name: file.name },
              fields: { ...texts, ...options },
            })}
          />
        </Card>
      </div>
    </div>
  );
}
