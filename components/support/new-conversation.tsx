'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { useTRPC, useTRPCClient } from '../trpc.tsx';
import { Field, Input } from '../ui/field.tsx';
import { AttachJob } from './attach-job.tsx';
import { Composer } from './composer.tsx';
import { useCustomerApi } from './customer-api.ts';
import { MessageList } from './message-list.tsx';
import { createThread, type Draft, type Page, type Thread } from './thread-store.ts';

/**
 * The subject and the first message, which is shown at once. Sent again after an error, it begins no
 * second conversation.
 */
export function NewConversation({ onBegun }: { onBegun: (id: string, page: Page) => void }) {
  const trpc = useTRPC();
  const { conversations } = useTRPCClient();
  const queries = useQueryClient();
  const [subject, setSubject] = useState('');
  const [draft, setDraft] = useState<Draft>({ text: '', files: [] });
  const [sent, setSent] = useState<Thread>();
  const send = () => {
    const begin = createThread(
      {
        messages: async () => nothing,
        post: async (_id, { clientId, files, jobId, text }) => {
          const { id } = await conversations.create.mutate({
            subject: subject.trim() || text.replace(/\s+/g, ' ').slice(0, 60),
            message: text,
            client_id: clientId,
            file_ids: files.map((file) => file.id),
            ...(jobId === undefined ? {} : { job_id: jobId }),
          });
          const page = await conversations.messages.query({ id, limit: 50 });
          const [first] = page.data;
          if (!first) throw new Error('The message is not there yet.');
          void queries.invalidateQueries(trpc.conversations.pathFilter());
          onBegun(id, page);
          return first;
        },
      },
      'new',
      nothing,
    );
    setSent(begin);
    void begin.send({ ...draft, text: draft.text.trim() });
  };
  if (sent) return <Sending subject={subject} thread={sent} onGivenUp={() => setSent(undefined)} />;
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
      </div>
      <Composer draft={draft} onChange={setDraft} onSend={send}>
        <AttachJob onJob={(jobId) => setDraft({ ...draft, jobId })} />
      </Composer>
    </div>
  );
}

const nothing: Page = { data: [], has_more: false };

/** The message on its way; given up, it is a draft again. */
function Sending({
  onGivenUp,
  subject,
  thread,
}: {
  subject: string;
  thread: Thread;
  onGivenUp: () => void;
}) {
  const api = useCustomerApi();
  const state = useSyncExternalStore(thread.subscribe, thread.getState, thread.getState);
  const discard: Thread['discard'] = async (clientId) => {
    await thread.discard(clientId);
    onGivenUp();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <h2 className="truncate px-4 text-sm font-medium">{subject}</h2>
      <MessageList
        api={api}
        id="new"
        marks={{ delivered_seq: 0, read_seq: 0 }}
        state={state}
        thread={{ ...thread, discard }}
      />
    </div>
  );
}
