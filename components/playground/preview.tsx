'use client';

import { FileArchive, Maximize2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { BeforeAfter } from './before-after.tsx';
import { readZipEntries, type ZipEntry } from './zip-entries.ts';

type Output = { blob: Blob; filename: string; type: string };

/** The output as far as a browser can show it: a document, a picture, or the list of an archive. */
export function Preview({
  original,
  output,
  url,
}: {
  original?: File;
  output: Output;
  url: string;
}) {
  const before = useObjectUrl(original?.type.startsWith('image/') ? original : undefined);
  const isImage = output.type.startsWith('image/');
  if (output.type === 'application/zip') return <Archive blob={output.blob} />;
  if (isImage && before) return <BeforeAfter before={before} after={url} />;
  // biome-ignore lint/performance/noImgElement: the picture is a blob of this page.
  if (isImage) return <img src={url} alt="The output" className="mx-auto max-h-112 rounded-xl" />;
  if (output.type !== 'application/pdf') return null;
  return (
    <div className="grid gap-2">
      <Pdf url={url} title="The PDF" className="h-112" />
      <Dialog
        title={output.filename}
        className="h-[94dvh] w-[min(70rem,calc(100vw-1.5rem))]"
        trigger={
          <Button kind="ghost" size="small" className="justify-self-start">
            <Maximize2 className="size-4" aria-hidden /> Enlarge
          </Button>
        }
      >
        <Pdf url={url} title="The PDF, enlarged" className="h-full" />
      </Dialog>
    </div>
  );
}

function Pdf({ className, title, url }: { className: string; title: string; url: string }) {
  return (
    <iframe
      src={`${url}#navpanes=0&view=FitH`}
      title={title}
      className={`w-full rounded-xl border bg-raised ${className}`}
    />
  );
}

function Archive({ blob }: { blob: Blob }) {
  const [entries, setEntries] = useState<ZipEntry[]>([]);
  useEffect(() => {
    let isGone = false;
    void readZipEntries(blob).then((found) => {
      if (!isGone) setEntries(found);
    });
    return () => {
      isGone = true;
    };
  }, [blob]);
  return (
    <div className="rounded-xl border">
      <p className="flex items-center gap-3 px-4 py-3 text-sm font-medium">
        <FileArchive className="size-5 text-faint" aria-hidden />
        {entries.length === 1 ? '1 file' : `${entries.length} files`} in a ZIP
      </p>
      <ul className="divide-y border-t text-sm">
        {entries.map(({ name, size }) => (
          <li key={name} className="flex justify-between gap-4 px-4 py-2">
            <span className="min-w-0 truncate font-mono text-xs leading-5">{name}</span>
            <span className="shrink-0 text-faint tabular-nums">{formatBytes(size)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** An address for a blob, for as long as it is shown. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return setUrl(undefined);
    const next = URL.createObjectURL(blob);
    setUrl(next);
    return () => URL.revokeObjectURL(next);
  }, [blob]);
  return url;
}
