'use client';

import { SendHorizontal, X } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { TextArea } from '../ui/field.tsx';
import { AttachFile } from './attach-file.tsx';
import type { Draft } from './thread-store.ts';

const maxLength = 4_000;

/** Where a message is written: Enter sends, Shift and Enter begin a new line. */
export function Composer({
  children,
  draft,
  label = 'Message',
  onChange,
  onSend,
  onTyping,
}: {
  /** More to attach or to choose, beside the button for files. */
  children?: ReactNode;
  draft: Draft;
  label?: string;
  onChange: (draft: Draft) => void;
  onSend: () => void;
  onTyping?: () => void;
}) {
  const id = useId();
  const [isUploading, setUploading] = useState(false);
  const isReady = draft.text.trim() !== '' && !isUploading;
  const send = () => {
    if (isReady) onSend();
  };
  return (
    <form
      className="grid gap-2 border-t p-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Attached draft={draft} onChange={onChange} />
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <TextArea
        id={id}
        value={draft.text}
        maxLength={maxLength}
        rows={2}
        placeholder={label}
        className="min-h-16 font-sans text-sm"
        onChange={(event) => {
          onChange({ ...draft, text: event.target.value });
          onTyping?.();
        }}
        onKeyDown={(event) => {
          // Enter also ends the choice of a word in some scripts.
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div className="flex flex-wrap items-center gap-1">
        <AttachFile
          onBusy={setUploading}
          onFile={(file) => onChange({ ...draft, files: [...draft.files, file] })}
        />
        {children}
        <Button type="submit" size="small" className="ml-auto" disabled={!isReady}>
          <SendHorizontal className="size-4" aria-hidden /> Send
        </Button>
      </div>
    </form>
  );
}

function Attached({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  if (draft.files.length === 0 && draft.jobId === undefined) return null;
  return (
    <ul className="grid gap-1 text-xs">
      {draft.files.map(({ filename, id }) => (
        <Chip
          key={id}
          label={filename}
          onRemove={() =>
            onChange({ ...draft, files: draft.files.filter((file) => file.id !== id) })
          }
        />
      ))}
      {draft.jobId !== undefined && (
        <Chip
          label={`${draft.jobId}: by sending you agree that the support sees the names and sizes of its inputs, its options without secrets, and its error.`}
          onRemove={() => onChange({ ...draft, jobId: undefined })}
        />
      )}
    </ul>
  );
}

function Chip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <li className="flex min-w-0 items-center gap-2 rounded-lg bg-raised py-1 pr-1 pl-2.5">
      <span className="min-w-0 flex-1 break-words">{label}</span>
      <button
        type="button"
        aria-label={`Remove ${label.split(':')[0]}`}
        onClick={onRemove}
        className="rounded p-1 hover:bg-surface"
      >
        <X className="size-3.5" aria-hidden />
      </button>
    </li>
  );
}
