'use client';

import type { ToolId } from '@nebula/contract/tools';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type FormEvent, type ReactNode, useState } from 'react';
import { withoutDefaults } from '../playground/form-schema.ts';
import type { ToolForm } from '../playground/tool-form.ts';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Field, Input } from '../ui/field.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { toast } from '../ui/toast.tsx';
import { StepCard } from './step-card.tsx';
import { addStep, type Step, toSteps } from './steps.ts';

const maxSteps = 10;

export type Pipeline = {
  id: string;
  name: string;
  steps: { id: string; tool: string; input?: Record<string, unknown>; options?: Step['options'] }[];
};

/** Steps in their order, with a name; saved, they can be run. */
export function PipelineEditor({
  actions,
  pipeline,
  tools,
}: {
  /** What can be done with the pipeline as it was saved. */
  actions?: ReactNode;
  /** Undefined for a new one. */
  pipeline?: Pipeline;
  tools: ToolForm[];
}) {
  const [name, setName] = useState(pipeline?.name ?? '');
  const [steps, setSteps] = useState<Step[]>(() =>
    pipeline ? toSteps(pipeline.steps) : addStep([], tools),
  );
  const { isPending, problem, reset, save } = useSave(pipeline?.id);
  const errors = problem?.errors ?? [];
  const change = (next: Step[]) => {
    reset();
    setSteps(next);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // Options are left to the server: a browser cannot point at a field that is folded away.
    const named = event.currentTarget.querySelectorAll<HTMLInputElement>('input[required]');
    if ([...named].some((input) => !input.reportValidity())) return;
    save({
      name: name.trim(),
      steps: steps.map(({ id, input, options, tool }) => {
        const fields = tools.find((each) => each.id === tool)?.fields ?? {};
        return { id, tool: tool as ToolId, input, options: withoutDefaults(options, fields) };
      }),
    });
  };
  return (
    <form noValidate onSubmit={submit} className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <PageHeader
        title={pipeline?.name ?? 'New pipeline'}
        actions={
          <>
            {actions}
            <Button type="submit" disabled={isPending}>
              {isPending ? 'Saving …' : 'Save'}
            </Button>
          </>
        }
      >
        {pipeline ? (
          <span className="font-mono text-xs break-all">{pipeline.id}</span>
        ) : (
          'Steps run in their order; each takes the files of an earlier one, or what the run is given.'
        )}
      </PageHeader>
      {problem && (
        <Alert kind="bad" className="[overflow-wrap:anywhere]">
          {problem.message}
        </Alert>
      )}
      <div className="max-w-md">
        <Field htmlFor="pipeline-name" label="Name">
          <Input
            id="pipeline-name"
            required
            maxLength={100}
            value={name}
            placeholder="Thumbnails of a report"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      </div>
      <ol className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {steps.map((step, at) => (
          <li key={step.key}>
            <StepCard at={at} errors={errors} steps={steps} tools={tools} onChange={change} />
          </li>
        ))}
      </ol>
      <Button
        kind="secondary"
        className="justify-self-start"
        disabled={steps.length >= maxSteps}
        onClick={() => change(addStep(steps, tools))}
      >
        <Plus className="size-4" aria-hidden />
        {steps.length >= maxSteps ? `At most ${maxSteps} steps` : 'Add a step'}
      </Button>
    </form>
  );
}

type Wish = {
  name: string;
  steps: { id: string; tool: ToolId; input?: Step['input']; options: Step['options'] }[];
};

/** Saves a new pipeline, or puts other steps in the place of those of an old one. */
function useSave(id: string | undefined) {
  const trpc = useTRPC();
  const router = useRouter();
  const cache = useQueryClient();
  const onSuccess = async (saved: { id: string }) => {
    toast.success('The pipeline is saved.');
    await cache.invalidateQueries({ queryKey: trpc.pipelines.pathKey() });
    if (id === undefined) router.push(`/dashboard/pipelines/${saved.id}`);
  };
  const create = useMutation(trpc.pipelines.create.mutationOptions({ onSuccess }));
  const update = useMutation(trpc.pipelines.update.mutationOptions({ onSuccess }));
  const { error, isPending, reset } = id === undefined ? create : update;
  const wire = error?.data && 'error' in error.data ? error.data.error : undefined;
  return {
    isPending,
    reset,
    problem: error ? { message: error.message, errors: wire?.details.errors } : undefined,
    save: (wish: Wish) => (id === undefined ? create.mutate(wish) : update.mutate({ id, ...wish })),
  };
}
