'use client';

import { Download } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toast.tsx';
import type { ThreadApi } from './thread-store.ts';
import { fetchAll, transcriptOf } from './transcript.ts';

/** Saves a conversation as a text. */
export function SaveTranscript({
  api,
  id,
  subject,
}: {
  api: ThreadApi;
  id: string;
  subject: string;
}) {
  const save = () => {
    fetchAll(api, id).then(
      (messages) => {
        const blob = new Blob([transcriptOf(subject, messages)], { type: 'text/plain' });
        const link = document.createElement('a');
        link.href = URL.createObjectURL(blob);
        link.download = `${id}.txt`;
        link.click();
        URL.revokeObjectURL(link.href);
      },
      (error: Error) => toast.error(error.message),
    );
  };
  return (
    <Button kind="ghost" size="icon" aria-label="Save the transcript" onClick={save}>
      <Download className="size-4" aria-hidden />
    </Button>
  );
}
