'use client';

import type { FileFacts } from '@nebula/contract/file-facts';
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import type { StoredFile } from './file-table.tsx';

/** What is inside a file, in a window; undefined closes it. */
export function InspectDialog({ file, onClose }: { file?: StoredFile; onClose: () => void }) {
  return (
    <Dialog
      open={file !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={file?.filename ?? ''}
      description={file && `${file.mime} · ${formatBytes(file.size)}`}
    >
      {file && <Inside file={file} />}
    </Dialog>
  );
}

function Inside({ file }: { file: StoredFile }) {
  const trpc = useTRPC();
  const { mutationKey: _key, mutationFn } = trpc.files.inspect.mutationOptions();
  // What was seen never changes, and the server keeps it: to ask is to read.
  const seen = useQuery({
    queryKey: ['inspect', file.id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (context) => {
      if (!mutationFn) throw new Error('There is nobody to ask.');
      return mutationFn({ id: file.id }, { client: context.client, meta: undefined });
    },
  });
  return (
    <QueryView query={seen} height="h-40">
      {({ facts, is_damaged, sha256 }) => (
        <div className="grid gap-4">
          {is_damaged && (
            <Alert kind="warn">
              It begins like its type, but cannot be read as it. Tools will refuse it.
            </Alert>
          )}
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
            {[...rowsOf(facts), ['SHA-256', sha256] as const].map(([name, value]) => (
              <Fragment key={name}>
                <dt className="text-faint">{name}</dt>
                <dd className="break-all">{value}</dd>
              </Fragment>
            ))}
          </dl>
        </div>
      )}
    </QueryView>
  );
}

type FactRow = readonly [name: string, value: string];

/** What is known, in words; the rest has no row. */
function rowsOf(facts: FileFacts): FactRow[] {
  const { exif, height, page_height, page_width, width } = facts;
  const text = (value: number | string | null, unit = '') =>
    value === null ? undefined : `${value}${unit}`;
  const yes = (value: boolean | null) => (value === null ? undefined : value ? 'yes' : 'no');
  const sides = (x: number | null, y: number | null, unit: string) =>
    x === null || y === null ? undefined : `${x} × ${y} ${unit}`;
  const rows: [string, string | undefined][] = [
    ['Pages', text(facts.pages)],
    ['First page', sides(page_width, page_height, 'pt')],
    ['Encrypted', yes(facts.is_encrypted)],
    ['Size', sides(width, height, 'px')],
    ['Transparency', yes(facts.has_alpha)],
    ['Resolution', text(facts.dpi, ' dpi')],
    ['Colours', text(facts.color_space)],
    ['Length', text(facts.duration, ' s')],
    ['Pictures a second', text(facts.fps)],
    ['Video', text(facts.video_codec)],
    ['Sound', text(facts.audio_codec)],
    ['Channels', text(facts.audio_channels)],
    ['Bit rate', text(facts.bitrate, ' bit/s')],
    ['Camera', [exif?.make, exif?.model].filter(Boolean).join(' ') || undefined],
    ['Taken', text(exif?.taken_at ?? null)],
    ['Says where', exif ? yes(exif.has_gps) : undefined],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}
