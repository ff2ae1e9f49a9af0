'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/field.tsx';

/** Brings a file from a public address into the store. */
export function ImportDialog() {
  const [isOpen, setOpen] = useState(false);
  const trpc = useTRPC();
  const cache = useQueryClient();
  const load = useMutation({
    mutationFn: importFile,
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: trpc.files.pathKey() });
      setOpen(false);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    load.mutate({ url: String(form.get('url')), filename: String(form.get('filename')) });
  };
  const change = (open: boolean) => {
    load.reset();
    setOpen(open);
  };
  return (
    <Dialog
      open={isOpen}
      onOpenChange={change}
      title="Import from an address"
      description="The file is fetched by our server; the address must be public."
      trigger={
        <Button kind="secondary">
          <Link2 className="size-4" aria-hidden /> Import by URL
        </Button>
      }
    >
      <form onSubmit={submit} className="grid gap-4 p-0.5">
        <Field htmlFor="import-url" label="Address">
          <Input
            id="import-url"
            name="url"
            type="url"
            required
            maxLength={2048}
            placeholder="https://example.com/report.pdf"
          />
        </Field>
        <Field
          htmlFor="import-name"
          label="Name"
          hint="For display only; without one it keeps its own."
        >
          <Input id="import-name" name="filename" maxLength={255} />
        </Field>
        {load.error && <Alert kind="bad">{load.error.message}</Alert>}
        <Button type="submit" disabled={load.isPending}>
          {load.isPending ? 'Fetching …' : 'Import'}
        </Button>
      </form>
    </Dialog>
  );
}

/** Over REST, where bytes arrive; the session of the page speaks for the caller. */
async function importFile({ filename, url }: { filename: string; url: string }): Promise<void> {
  const response = await fetch('/api/v1/files', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url, filename: filename || undefined }),
  });
  if (response.ok) return;
  const problem = (await response.json().catch(() => undefined)) as { detail?: string } | undefined;
  throw new Error(problem?.detail ?? 'The file was not imported. Try again in a moment.');
}
