'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Field, Input, TextArea } from '../ui/field.tsx';
import { toast } from '../ui/toast.tsx';
import type { Draft, Template, TemplateName } from './template.ts';
import { TemplatePreview } from './template-preview.tsx';

const lines = [
  ['subject', 'Subject'],
  ['heading', 'Heading'],
  ['action', 'Button'],
] as const;

/** One mail: its text, what it may hold, and the mail that comes of it. */
export function TemplateEditor({ template: stored }: { template: Template }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { action, body, heading, is_default, subject, title, variables } = stored;
  const template = stored.template as TemplateName;
  const [draft, setDraft] = useState<Draft>({ action, body, heading, subject });
  const [isAsking, setAsking] = useState(false);
  const onSuccess = () => queries.invalidateQueries(trpc.mailTemplates.pathFilter());
  const put = useMutation(trpc.mailTemplates.put.mutationOptions({ onSuccess }));
  const restore = useMutation(trpc.mailTemplates.restore.mutationOptions({ onSuccess }));
  const sendTest = useMutation(
    trpc.mailTemplates.sendTest.mutationOptions({
      onSuccess: ({ sent_to }) => void toast.success(`Sent to ${sent_to}.`),
      onError: ({ message }) => void toast.error(message),
    }),
  );
  const set = (field: keyof Draft) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [field]: event.target.value });
  return (
    <div className="grid min-w-0 gap-6">
      <Card>
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            put.mutate({ template, ...draft });
          }}
        >
          <h2 className="font-semibold">{title}</h2>
          {lines.map(([field, label]) => (
            <Field key={field} htmlFor={`mail-${field}`} label={label}>
              <Input
                id={`mail-${field}`}
                required
                maxLength={200}
                value={draft[field]}
                onChange={set(field)}
              />
            </Field>
          ))}
          <Field
            htmlFor="mail-body"
            label="Text"
            hint="An empty line begins a paragraph. HTML is shown as it is written."
          >
            <TextArea
              id="mail-body"
              required
              maxLength={5_000}
              className="min-h-40"
              value={draft.body}
              onChange={set('body')}
            />
          </Field>
          <dl className="grid gap-1 text-xs text-soft">
            {variables.map(({ example, is_needed, name }) => (
              <div key={name} className="flex min-w-0 flex-wrap gap-x-2">
                <dt className="font-mono text-ink">{`{{${name}}}`}</dt>
                <dd className="min-w-0 break-words">
                  {example}
                  {is_needed && ' (has to be there)'}
                </dd>
              </div>
            ))}
          </dl>
          {put.error && <Alert kind="bad">{put.error.message}</Alert>}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" disabled={put.isPending}>
              Save
            </Button>
            <Button
              kind="secondary"
              disabled={sendTest.isPending}
              onClick={() => sendTest.mutate({ template, ...draft })}
            >
              Send me a test
            </Button>
            {!is_default && (
              <Button kind="ghost" onClick={() => setAsking(true)}>
                Restore the default
              </Button>
            )}
          </div>
        </form>
      </Card>
      <TemplatePreview template={template} draft={draft} />
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Restore the default?"
        action="Restore"
        onConfirm={() => restore.mutateAsync({ template })}
      >
        What was written instead is lost.
      </Confirm>
    </div>
  );
}
