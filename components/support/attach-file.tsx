'use client';

import { Paperclip } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toast.tsx';

type Stored = { id: string; filename: string };

/** Stores a file in the account, so that a message can carry it. */
export function AttachFile({
  onBusy,
  onFile,
}: {
  onBusy: (isBusy: boolean) => void;
  onFile: (file: Stored) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);
  const work = (isWorking: boolean) => {
    setBusy(isWorking);
    onBusy(isWorking);
  };
  const take = (file: File | undefined) => {
    // Otherwise choosing the same file again would be no change.
    if (input.current) input.current.value = '';
    if (!file) return;
    work(true);
    upload(file)
      .then(onFile, (error: Error) => toast.error(error.message))
      .finally(() => work(false));
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        aria-label="File to attach"
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => take(event.target.files?.[0])}
      />
      <Button kind="ghost" size="small" disabled={isBusy} onClick={() => input.current?.click()}>
        <Paperclip className="size-4" aria-hidden /> {isBusy ? 'Storing…' : 'File'}
      </Button>
    </>
  );
}

async function upload(file: File): Promise<Stored> {
  const body = new FormData();
  body.append('file', file);
  const response = await fetch('/api/v1/files', { method: 'POST', body });
  const answer = (await response.json()) as Stored & { detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? 'The file could not be stored.');
  return answer;
}
