'use client';

import { FileUp, X } from 'lucide-react';
import { type DragEvent, useEffect, useId, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';
import { formatBytes } from './format-bytes.ts';

/** Files by drop, paste anywhere on the page, or the system's dialogue, in the order they came. */
export function FileDrop({
  accept,
  files,
  hint,
  label,
  max = 1,
  onFiles,
  takesPaste = true,
}: {
  /** MIME types for the dialogue; the receiver still decides by content. */
  accept: readonly string[];
  files: File[];
  /** What is accepted, in words. */
  hint: string;
  label: string;
  /** With one, a new file replaces the last. */
  max?: number;
  onFiles: (files: File[]) => void;
  /** Of several inputs on a page only one can have what is pasted. */
  takesPaste?: boolean;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = (given: FileList | undefined | null) => {
    const added = [...(given ?? [])];
    if (added.length > 0)
      onFiles(max === 1 ? added.slice(0, 1) : [...files, ...added].slice(0, max));
    // Otherwise choosing the same file again would be no change.
    if (input.current) input.current.value = '';
  };
  usePastedFiles(takesPaste ? take : undefined);
  const remove = (at: number) => {
    onFiles(files.filter((_file, index) => index !== at));
    input.current?.focus();
  };
  return (
    <fieldset
      aria-label={`${label}, area`}
      className="relative grid min-w-0 gap-2"
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
        multiple={max > 1}
        onChange={(event) => take(event.target.files)}
      />
      <label
        htmlFor={id}
        className={cn(
          'grid cursor-pointer justify-items-center gap-2 rounded-xl border border-dashed px-4 py-8 text-center transition-colors hover:border-accent peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent',
          isOver && 'border-accent bg-accent-soft',
          files.length > 0 && 'py-4',
        )}
      >
        <FileUp className="size-6 text-faint" aria-hidden />
        <span className="text-sm">{invitation(max, files.length)}</span>
        <span className="text-xs text-faint">{hint}</span>
      </label>
      {files.length > 0 && (
        <ol className="grid max-h-56 gap-1 overflow-y-auto">
          {files.map((file, at) => (
            <li
              key={`${file.name} ${file.size} ${file.lastModified}`}
              className="flex min-w-0 items-center gap-2 rounded-lg bg-raised py-1 pr-1 pl-3"
            >
              <span className="min-w-0 flex-1 truncate text-sm font-medium">{file.name}</span>
              <span className="text-xs text-faint">{formatBytes(file.size)}</span>
              <Button
                kind="ghost"
                size="icon"
                aria-label={max === 1 ? 'Remove the file' : `Remove ${file.name}`}
                onClick={() => remove(at)}
              >
                <X className="size-4" aria-hidden />
              </Button>
            </li>
          ))}
        </ol>
      )}
    </fieldset>
  );
}

function invitation(max: number, count: number): string {
  if (max === 1)
    return count === 0 ? 'Drop a file, paste it, or choose one' : 'Choose another file';
  return count === 0 ? `Drop up to ${max} files, or choose them` : 'Add more files';
}

/** A picture on the clipboard is meant for this input, wherever the focus is. */
function usePastedFiles(take: ((files: FileList | undefined) => void) | undefined) {
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => latest.current?.(event.clipboardData?.files);
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, []);
}
