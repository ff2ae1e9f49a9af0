'use client';

import { fileTypes } from '@nebula/contract/file-types';
import { storedTypes } from '@nebula/contract/stored-file';
import { X } from 'lucide-react';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { FileDrop } from '../ui/file-drop.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Progress } from '../ui/progress.tsx';
import { type Upload, useUploads } from './use-uploads.ts';

const mimes = storedTypes.map((type) => fileTypes[type].mime);
const maxAtOnce = 20;

/** Where files are dropped, and how far each has come. */
export function Uploads() {
  const { add, drop, uploads } = useUploads();
  return (
    <section aria-label="Uploads" className="grid gap-3">
      <FileDrop
        label="Files to store"
        hint="Documents, pictures and videos; the content decides the type."
        accept={mimes}
        files={[]}
        max={maxAtOnce}
        onFiles={add}
      />
      {uploads.length > 0 && (
        <ul className="grid gap-2">
          {uploads.map((upload) => (
            <UploadLine key={upload.key} upload={upload} onDrop={() => drop(upload.key)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function UploadLine({ onDrop, upload }: { onDrop: () => void; upload: Upload }) {
  const { name, phase, problem, sent, size } = upload;
  return (
    <li className="flex min-w-0 items-center gap-3 rounded-xl border bg-surface py-2 pr-2 pl-4">
      <div className="grid min-w-0 flex-1 gap-1">
        <p className="flex min-w-0 items-baseline gap-2 text-sm">
          <span className="truncate font-medium">{name}</span>
          <span className="text-xs whitespace-nowrap text-faint">{formatBytes(size)}</span>
        </p>
        {phase === 'waiting' && <p className="text-sm text-soft">Waits for its turn</p>}
        {phase === 'sending' && (
          <Progress label={`Sending ${name}`} percent={size > 0 ? (100 * sent) / size : 0} />
        )}
        {phase === 'checking' && <Progress label={`Looking at ${name}`} />}
        {phase === 'failed' && <Alert kind="bad">{problem}</Alert>}
      </div>
      <Button
        kind="ghost"
        size="icon"
        aria-label={phase === 'failed' ? `Dismiss ${name}` : `Cancel ${name}`}
        onClick={onDrop}
      >
        <X className="size-4" aria-hidden />
      </Button>
    </li>
  );
}
