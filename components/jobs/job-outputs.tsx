'use client';

import type { Job } from '@nebula/contract/job';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useObjectUrl } from '../playground/preview.tsx';
import { Button, buttonStyles } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Head, Row, Table, Td } from '../ui/table.tsx';

type File = Job['files'][number];

/** What a look at a file needs. */
export type Shown = Pick<File, 'filename' | 'id' | 'mime' | 'url'>;

/** Whether a browser can show it. */
export const isShown = ({ mime }: Pick<File, 'mime'>) =>
  /^(image|video)\/|^application\/pdf$/.test(mime);

/** The files of a job: a look at each that a browser can show, and all as one ZIP. */
export function JobOutputs({ files, id }: { files: File[]; id: string }) {
  const [shown, setShown] = useState<File>();
  return (
    <>
      <div className="flex items-center justify-between gap-4">
        <h2 className="text-sm font-medium">Output</h2>
        {files.length > 1 && (
          <a
            href={`/api/v1/jobs/${id}/archive`}
            download
            className={buttonStyles({ kind: 'secondary', size: 'small' })}
          >
            <Download className="size-4" aria-hidden /> All as ZIP
          </a>
        )}
      </div>
      <Table label="Files">
        <Head
          columns={[
            'File',
            'Type',
            { name: 'Size', isFigure: true },
            { name: 'Measures', isFigure: true },
            { name: 'Actions', isHidden: true },
          ]}
        />
        <tbody>
          {files.map((file) => (
            <Row key={file.id}>
              <Td>
                <a
                  href={file.url}
                  className="inline-block min-w-36 break-all text-accent underline"
                >
                  {file.filename}
                </a>
              </Td>
              <Td className="font-mono text-xs">{file.mime}</Td>
              <Td className="text-right whitespace-nowrap tabular-nums">
                {formatBytes(file.size)}
              </Td>
              <Td className="text-right whitespace-nowrap tabular-nums">{measuresOf(file)}</Td>
              <Td className="text-right">
                {isShown(file) && (
                  <Button kind="ghost" size="small" onClick={() => setShown(file)}>
                    Show<span className="sr-only"> {file.filename}</span>
                  </Button>
                )}
              </Td>
            </Row>
          ))}
        </tbody>
      </Table>
      <Pictures files={files} onShow={setShown} />
      <PreviewDialog file={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

/** A look at one file, as long as there is one. */
export function PreviewDialog({ file, onClose }: { file?: Shown; onClose: () => void }) {
  return (
    <Dialog
      open={file !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={file?.filename ?? ''}
      className="max-h-[94dvh] w-[min(70rem,calc(100vw-1.5rem))]"
    >
      {file && <Preview file={file} />}
    </Dialog>
  );
}

function Pictures({ files, onShow }: { files: File[]; onShow: (file: File) => void }) {
  const pictures = files.filter(({ mime }) => mime.startsWith('image/')).slice(0, 8);
  if (pictures.length === 0) return null;
  return (
    <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
      {pictures.map((file) => (
        <button
          key={file.id}
          type="button"
          aria-label={`Enlarge ${file.filename}`}
          onClick={() => onShow(file)}
          className="grid h-48 place-items-center overflow-hidden rounded-xl border bg-raised p-2"
        >
          {/* biome-ignore lint/performance/noImgElement: the store sends the file itself. */}
          <img src={file.url} alt="" loading="lazy" className="max-h-44 object-contain" />
        </button>
      ))}
    </div>
  );
}

function Preview({ file }: { file: Shown }) {
  const { filename, mime, url } = file;
  if (mime === 'application/pdf') return <Pdf file={file} />;
  if (mime.startsWith('video/'))
    return (
      // biome-ignore lint/a11y/useMediaCaption: the video is the reader's own, whatever is said in it.
      <video
        controls
        src={url}
        aria-label={filename}
        className="mx-auto max-h-[80dvh] rounded-xl"
      />
    );
  // biome-ignore lint/performance/noImgElement: the store sends the file itself.
  return <img src={url} alt={filename} className="mx-auto max-h-[80dvh] rounded-xl" />;
}

/** The store sends files to be saved: one that is to be looked at is fetched first. */
function Pdf({ file: { filename, id, url } }: { file: Shown }) {
  const bytes = useQuery({
    queryKey: ['job-file', id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error('The file is no longer there. Load the page again.');
      return response.blob();
    },
  });
  const local = useObjectUrl(bytes.data);
  return (
    <QueryView query={bytes} height="h-[75dvh]">
      {() =>
        local && (
          <iframe
            src={`${local}#navpanes=0&view=FitH`}
            title={filename}
            className="h-[75dvh] w-full rounded-xl border bg-raised"
          />
        )
      }
    </QueryView>
  );
}

function measuresOf({ duration, height, pages, width }: File): string {
  if (width && height) return `${width} × ${height}`;
  if (pages) return pages === 1 ? '1 page' : `${pages} pages`;
  return duration ? `${duration.toFixed(1)} s` : '–';
}
