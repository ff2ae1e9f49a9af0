'use client';

import { Check, CheckCheck, Clock, Lock, Paperclip, TriangleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import { cn } from '../ui/class-names.ts';
import { formatBytes } from '../ui/format-bytes.ts';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';
import type {
  AttachedJob,
  Message,
  Outgoing,
  Thread,
  ThreadApi,
  ThreadState,
} from './thread-store.ts';

/** How far the other side has come. */
export type Marks = { delivered_seq: number; read_seq: number };

/** The messages of a conversation, and below them those that are on their way. */
export function MessageList({
  api,
  id,
  marks,
  state,
  thread,
}: {
  api: ThreadApi;
  id: string;
  marks: Marks;
  state: ThreadState;
  thread: Thread;
}) {
  const { hasOlder, messages, outgoing } = state;
  const box = useRef<HTMLDivElement>(null);
  const newest = `${messages.at(-1)?.seq} ${outgoing.length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the newest message.
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [newest]);
  const open = (seq: number, fileId: string) => {
    // Opened at once, since a window that is opened later is blocked.
    const tab = window.open('', '_blank');
    api.open(id, seq, fileId).then(
      ({ url }) => tab?.location.replace(url),
      (error: Error) => {
        tab?.close();
        toast.error(error.message);
      },
    );
  };
  return (
    <div
      ref={box}
      role="log"
      aria-label="Messages"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by keys.
      tabIndex={0}
      className="min-h-0 flex-1 overflow-y-auto px-4 py-3"
    >
      {hasOlder && (
        <div className="mb-3 text-center">
          <Button kind="secondary" size="small" onClick={() => void thread.loadOlder()}>
            Earlier messages
          </Button>
        </div>
      )}
      <ol className="grid gap-3">
        {messages.map((message) => (
          <Bubble key={message.seq} isOwn={message.by === api.side} isPrivate={message.is_private}>
            <Heading message={message} isOwn={message.by === api.side} />
            <p className="break-words whitespace-pre-wrap">{message.text}</p>
            {message.files.map(({ filename, id: fileId, size }) => (
              <button
                key={fileId}
                type="button"
                onClick={() => open(message.seq, fileId)}
                className="flex min-w-0 items-center gap-1.5 text-left text-xs underline"
              >
                <Paperclip className="size-3.5 shrink-0" aria-hidden />
                <span className="truncate">{filename}</span>
                <span className="whitespace-nowrap">{formatBytes(size)}</span>
              </button>
            ))}
            {message.job && <JobFacts job={message.job} />}
            {message.by === api.side && !message.is_private && (
              <Mark marks={marks} seq={message.seq} />
            )}
          </Bubble>
        ))}
        {outgoing.map((each) => (
          <Bubble key={each.clientId} isOwn isPrivate={each.isPrivate}>
            <p className="break-words whitespace-pre-wrap">{each.text}</p>
            <OnItsWay outgoing={each} thread={thread} />
          </Bubble>
        ))}
      </ol>
    </div>
  );
}

function Bubble({
  children,
  isOwn,
  isPrivate,
}: {
  children: ReactNode;
  isOwn: boolean;
  isPrivate?: boolean;
}) {
  return (
    <li
      className={cn(
        'grid max-w-[88%] min-w-0 gap-1 rounded-2xl px-3 py-2 text-sm',
        isOwn ? 'justify-self-end bg-accent-soft' : 'justify-self-start bg-raised',
        isPrivate && 'border border-dashed border-warn bg-warn-soft',
      )}
    >
      {children}
    </li>
  );
}

function Heading({ isOwn, message }: { isOwn: boolean; message: Message }) {
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-xs text-soft">
      <span className="font-medium">{isOwn ? 'You' : message.author}</span>
      <Time at={message.created_at} />
      {message.is_private && (
        <span className="flex items-center gap-1 text-warn">
          <Lock className="size-3" aria-hidden /> private note
        </span>
      )}
    </p>
  );
}

function Mark({ marks, seq }: { marks: Marks; seq: number }) {
  const [Icon, text] =
    marks.read_seq >= seq
      ? [CheckCheck, 'Read']
      : marks.delivered_seq >= seq
        ? [CheckCheck, 'Delivered']
        : [Check, 'Sent'];
  return (
    <p className="flex items-center gap-1 justify-self-end text-xs text-soft">
      <Icon className="size-3.5" aria-hidden /> {text}
    </p>
  );
}

function OnItsWay({ outgoing, thread }: { outgoing: Outgoing; thread: Thread }) {
  if (outgoing.error === undefined)
    return (
      <p className="flex items-center gap-1 justify-self-end text-xs text-soft">
        <Clock className="size-3.5" aria-hidden /> Sending
      </p>
    );
  return (
    <div className="grid gap-1 text-xs text-bad">
      <p className="flex items-center gap-1">
        <TriangleAlert className="size-3.5" aria-hidden /> Not sent: {outgoing.error}
      </p>
      <p className="flex gap-3">
        <button type="button" className="underline" onClick={() => void thread.retry()}>
          Try again
        </button>
        <button
          type="button"
          className="underline"
          onClick={() => void thread.discard(outgoing.clientId)}
        >
          Discard
        </button>
      </p>
    </div>
  );
}

function JobFacts({ job }: { job: AttachedJob }) {
  const facts = { input: job.input.files, options: job.options, error: job.error };
  return (
    <details className="min-w-0 rounded-lg border bg-surface px-2 py-1.5 text-xs">
      <summary className="cursor-pointer break-all">
        Job {job.tool}, {job.status}
      </summary>
      <p className="mt-1 font-mono break-all">{job.id}</p>
      <pre className="mt-1 font-mono break-all whitespace-pre-wrap">
        {JSON.stringify(facts, undefined, 2)}
      </pre>
    </details>
  );
}
