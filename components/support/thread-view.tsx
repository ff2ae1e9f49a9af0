'use client';

import type { ReactNode } from 'react';
import { useState } from 'react';
import { Alert } from '../ui/alert.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Composer } from './composer.tsx';
import { type Marks, MessageList } from './message-list.tsx';
import type { Draft, Page, ThreadApi } from './thread-store.ts';
import { useThread, useTyping, useTypingHint } from './use-thread.ts';

const blank: Draft = { text: '', files: [] };

/** One conversation: its messages, who is writing, and where to write. Give it the id as its key. */
export function ThreadView({
  api,
  first,
  id,
  marks,
  tools,
}: {
  api: ThreadApi;
  /** The messages that are there already. */
  first?: Page;
  id: string;
  /** How far the other side has come. */
  marks: Marks;
  /** What may be added to the draft beside files. */
  tools?: (draft: Draft, change: (draft: Draft) => void) => ReactNode;
}) {
  const { state, thread } = useThread(api, id, first);
  const typist = useTyping(id, api.side);
  const hint = useTypingHint(api, id);
  const [draft, setDraft] = useState(blank);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {state.isLoaded ? (
        <MessageList api={api} id={id} marks={marks} state={state} thread={thread} />
      ) : (
        <div className="flex-1 p-4">{!state.error && <Skeleton className="h-24" />}</div>
      )}
      {state.error && (
        <Alert kind="bad" className="mx-3">
          Not up to date: {state.error}
        </Alert>
      )}
      <p role="status" className="h-5 px-4 text-xs text-soft">
        {typist && `${typist} is writing…`}
      </p>
      <Composer
        draft={draft}
        onChange={setDraft}
        onTyping={hint}
        onSend={() => {
          void thread.send({ ...draft, text: draft.text.trim() });
          setDraft({ ...blank, isPrivate: draft.isPrivate });
        }}
      >
        {tools?.(draft, setDraft)}
      </Composer>
    </div>
  );
}
