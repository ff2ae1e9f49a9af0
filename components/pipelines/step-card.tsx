'use client';

import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { type FieldError, withoutDefaults } from '../playground/form-schema.ts';
import { OptionGroups } from '../playground/option-groups.tsx';
import type { ToolForm } from '../playground/tool-form.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Field, Input, Select } from '../ui/field.tsx';
import {
  changeStep,
  changeTool,
  moveStep,
  optionErrors,
  otherErrors,
  removeStep,
  type Step,
  sourceOf,
} from './steps.ts';

/** One step: its tool, where its files come from, its options, and its place among the others. */
export function StepCard({
  at,
  errors,
  onChange,
  steps,
  tools,
}: {
  at: number;
  errors: FieldError[];
  onChange: (steps: Step[]) => void;
  steps: Step[];
  tools: ToolForm[];
}) {
  const step = steps[at];
  const tool = tools.find(({ id }) => id === step?.tool);
  if (!step || !tool) return null;
  const set = Object.keys(withoutDefaults(step.options, tool.fields)).length;
  const name = `step-${step.key}`;
  const wrongOptions = optionErrors(errors, at);
  return (
    <Card aria-label={`Step ${at + 1}`} className="grid gap-4">
      <header className="flex items-center gap-1">
        <h2 className="mr-auto font-semibold">Step {at + 1}</h2>
        <Button
          kind="ghost"
          size="icon"
          aria-label={`Move step ${at + 1} up`}
          disabled={at === 0}
          onClick={() => onChange(moveStep(steps, at, -1))}
        >
          <ArrowUp className="size-4" aria-hidden />
        </Button>
        <Button
          kind="ghost"
          size="icon"
          aria-label={`Move step ${at + 1} down`}
          disabled={at === steps.length - 1}
          onClick={() => onChange(moveStep(steps, at, 1))}
        >
          <ArrowDown className="size-4" aria-hidden />
        </Button>
        <Button
          kind="ghost"
          size="icon"
          aria-label={`Remove step ${at + 1}`}
          disabled={steps.length === 1}
          onClick={() => onChange(removeStep(steps, at))}
        >
          <Trash2 className="size-4" aria-hidden />
        </Button>
      </header>
      {otherErrors(errors, at).map(({ message }) => (
        <Alert key={message} kind="bad">
          {message}
        </Alert>
      ))}
      <div className="grid gap-4 sm:grid-cols-3">
        <Field htmlFor={`${name}-tool`} label="Tool">
          <Select
            id={`${name}-tool`}
            value={step.tool}
            onChange={(event) => onChange(changeTool(steps, at, event.target.value))}
          >
            {tools.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </Select>
        </Field>
        <Field htmlFor={`${name}-input`} label="Takes">
          <StepInput
            id={`${name}-input`}
            earlier={steps.slice(0, at)}
            step={step}
            onChange={(input) => onChange(changeStep(steps, at, { input }))}
          />
        </Field>
        <Field htmlFor={`${name}-id`} label="Id">
          <Input
            id={`${name}-id`}
            required
            pattern="[a-z][a-z0-9_\-]{0,31}"
            title="a to z, 0 to 9, _ and -, beginning with a letter"
            value={step.id}
            onChange={(event) => onChange(changeStep(steps, at, { id: event.target.value }))}
          />
        </Field>
      </div>
      <details open={wrongOptions.length > 0 || undefined}>
        <summary className="text-sm font-medium text-soft hover:text-ink">
          Options of {tool.title}
          {set > 0 && <span className="ml-2 text-xs font-normal text-accent">{set} set</span>}
        </summary>
        <div className="mt-4 grid gap-5">
          <OptionGroups
            key={tool.id}
            tool={tool}
            values={step.options}
            errors={wrongOptions}
            onChange={(option, value) =>
              onChange(changeStep(steps, at, { options: { ...step.options, [option]: value } }))
            }
          />
        </div>
      </details>
    </Card>
  );
}

/** An input that was written elsewhere, such as an address, stays until another is chosen. */
function StepInput({
  earlier,
  id,
  onChange,
  step,
}: {
  earlier: Step[];
  id: string;
  onChange: (input: Step['input']) => void;
  step: Step;
}) {
  const kept = step.input !== undefined && sourceOf(step) === undefined ? step.input : undefined;
  const source = sourceOf(step);
  const choose = (value: string) => {
    if (value === 'kept') return;
    onChange(value === 'run' ? undefined : { step: value.slice('step:'.length) });
  };
  return (
    <Select
      id={id}
      value={kept ? 'kept' : source === undefined ? 'run' : `step:${source}`}
      onChange={(event) => choose(event.target.value)}
    >
      <option value="run">what the run is given</option>
      {earlier.map((each) => (
        <option key={each.key} value={`step:${each.id}`}>
          the files of {each.id}
        </option>
      ))}
      {kept && <option value="kept">its own: {Object.keys(kept).join(', ')}</option>}
    </Select>
  );
}
