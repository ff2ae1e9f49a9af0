'use client';

import { FileUp, X } from 'lucide-react';
import { type DragEvent, useEffect, useId, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';
import { formatBytes } from './format-bytes.ts';

/** A file by drop, paste anywhere on the page, or the system's dialogue. */
export function FileDrop({
  accept,
  file,
  hint,
  label,
  onFile,
}: {
  /** MIME types for the dialogue; the receiver still decides by content. */
  accept: readonly string[];
  file?: File;
  /** What is accepted, in words. */
  hint: string;
  label: string;
  onFile: (file: File | undefined) => void;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | undefined | null) => {
    const [first] = files ?? [];
    if (first) onFile(first);
  };
  usePastedFile(take);
  const remove = () => {
    // Otherwise choosing the same file again would be no change.
    if (input.current) input.current.value = '';
    onFile(undefined);
    input.current?.focus();
  };
  return (
    <fieldset
      aria-label="File input"
      className="relative min-w-0"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <input
        ref={input}
        id={id}
        type="file"
        aria-label={label}
        className="peer sr-only"
        accept={accept.join(',')}
        onChange={(event) => take(event.target.files)}
      />
      <label
        htmlFor={id}
        className={cn(
          'grid cursor-pointer justify-items-center gap-2 rounded-xl border border-dashed px-4 py-8 text-center transition-colors hover:border-accent peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent',
          isOver && 'border-accent bg-accent-soft',
        )}
      >
        <FileUp className="size-6 text-faint" aria-hidden />
        {file ? (
          <span className="max-w-full truncate text-sm font-medium">
            {file.name} <span className="font-normal text-faint">{formatBytes(file.size)}</span>
          </span>
        ) : (
          <span className="text-sm">Drop a file, paste it, or choose one</span>
        )}
        <span className="text-xs text-faint">{hint}</span>
      </label>
      {file && (
        <Button
          kind="ghost"
          size="icon"
          aria-label="Remove the file"
          className="absolute top-2 right-2"
          onClick={remove}
        >
          <X className="size-4" aria-hidden />
        </Button>
      )}
    </fieldset>
  );
}

/** A picture on the clipboard is meant for this input, wherever the focus is. */
function usePastedFile(take: (files: FileList | undefined) => void) {
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => latest.current(event.clipboardData?.files);
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, []);
}
