'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Field, Input } from '../ui/field.tsx';
import { AttachJob } from './attach-job.tsx';
import { Composer } from './composer.tsx';
import type { Draft } from './thread-store.ts';

/** The subject and the first message. Sent again after an error, it begins no second one. */
export function NewConversation({ onBegun }: { onBegun: (id: string) => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [clientId] = useState(() => crypto.randomUUID());
  const [subject, setSubject] = useState('');
  const [draft, setDraft] = useState<Draft>({ text: '', files: [] });
  const begin = useMutation(
    trpc.conversations.create.mutationOptions({
      onSuccess: async ({ id }) => {
        await queries.invalidateQueries(trpc.conversations.pathFilter());
        onBegun(id);
      },
    }),
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="grid flex-1 content-start gap-3 overflow-y-auto px-4 pb-4">
        <h2 className="font-medium">New conversation</h2>
        <Field htmlFor="support-subject" label="What is it about?">
          <Input
            id="support-subject"
            value={subject}
            maxLength={160}
            onChange={(event) => setSubject(event.target.value)}
          />
        </Field>
        {begin.error && <Alert kind="bad">{begin.error.message}</Alert>}
      </div>
      <Composer
        draft={draft}
        onChange={setDraft}
        onSend={() =>
          !begin.isPending &&
          begin.mutate({
            subject: subject.trim() || draft.text.trim().slice(0, 60),
            message: draft.text.trim(),
            client_id: clientId,
            file_ids: draft.files.map(({ id }) => id),
            ...(draft.jobId === undefined ? {} : { job_id: draft.jobId }),
          })
        }
      >
        <AttachJob onJob={(jobId) => setDraft({ ...draft, jobId })} />
      </Composer>
    </div>
  );
}
