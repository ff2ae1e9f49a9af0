'use client';

import type { Job } from '@nebula/contract/job';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { isShown, PreviewDialog, type Shown } from './job-outputs.tsx';

/** What a job was given, with a look at each that was kept. */
export function JobInputs({ id, files }: { id: string; files: Job['input']['files'] }) {
  const [shown, setShown] = useState<Shown>();
  return (
    <Card>
      <h2 className="mb-2 text-sm font-medium">Input</h2>
      <ul className="grid gap-1 text-sm text-soft">
        {files.map(({ filename, mime, size, url }, at) => {
          const file = { id: `${id}-${at}`, filename, mime: mime ?? '', url: url ?? '' };
          return (
            <li key={file.id} className="break-all">
              {filename}, {formatBytes(size)}
              {url && isShown(file) && (
                <Button kind="ghost" size="small" onClick={() => setShown(file)}>
                  Show<span className="sr-only"> {filename}</span>
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <PreviewDialog file={shown} onClose={() => setShown(undefined)} />
    </Card>
  );
}
