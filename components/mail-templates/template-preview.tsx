'use client';

import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Card } from '../ui/card.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import type { Draft, TemplateName } from './template.ts';

const pauseMilliseconds = 300;

/** The mail that a text makes, once the person stops typing; made by the server that sends it. */
export function TemplatePreview({ draft, template }: { draft: Draft; template: TemplateName }) {
  const trpc = useTRPC();
  const { data, error, mutate } = useMutation(trpc.mailTemplates.preview.mutationOptions());
  const { action, body, heading, subject } = draft;
  useEffect(() => {
    const timer = setTimeout(
      () => mutate({ template, action, body, heading, subject }),
      pauseMilliseconds,
    );
    return () => clearTimeout(timer);
  }, [mutate, template, action, body, heading, subject]);
  return (
    <Card className="grid gap-3">
      <h2 className="font-semibold">Preview</h2>
      {error && <Alert kind="bad">{error.message}</Alert>}
      {!data && !error && <Skeleton className="h-96" />}
      {data && (
        <>
          <p className="text-sm break-words">
            <span className="text-soft">Subject:</span> {data.subject}
          </p>
          <iframe
            title="The mail"
            sandbox=""
            srcDoc={data.html}
            className="h-96 w-full rounded-lg border bg-white"
          />
          <details className="text-sm">
            <summary className="cursor-pointer text-soft">As plain text</summary>
            <pre className="mt-2 font-mono text-xs break-words whitespace-pre-wrap">
              {data.text}
            </pre>
          </details>
        </>
      )}
    </Card>
  );
}
