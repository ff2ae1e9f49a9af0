'use client';

import type { PublicFile } from '@nebula/contract/stored-file';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FolderOpen, MoreHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge } from '../ui/card.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import { Head, Row, Table, Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';
import { InspectDialog } from './inspect-dialog.tsx';

export type StoredFile = PublicFile;

/** Files, the newest first, and what can be done with each. */
export function FileTable({ files, isFiltered }: { files: StoredFile[]; isFiltered: boolean }) {
  const [inspected, setInspected] = useState<StoredFile>();
  const [doomed, setDoomed] = useState<StoredFile>();
  const trpc = useTRPC();
  const cache = useQueryClient();
  const remove = useMutation(
    trpc.files.delete.mutationOptions({
      onSuccess: () => cache.invalidateQueries({ queryKey: trpc.files.pathKey() }),
    }),
  );
  if (files.length === 0) return <NoFiles isFiltered={isFiltered} />;
  return (
    <>
      <Table label="Files">
        <Head
          columns={[
            'File',
            'Source',
            'Type',
            { name: 'Size', isFigure: true },
            'Removed',
            { name: 'Actions', isHidden: true },
          ]}
        />
        <tbody>
          {files.map((file) => (
            <Row key={file.id}>
              <Td>
                <span className="block max-w-64 truncate font-medium">{file.filename}</span>
                <span className="font-mono text-xs text-faint">{file.id}</span>
              </Td>
              <Td className="whitespace-nowrap">{sources[file.source]}</Td>
              <Td>
                <Badge>{file.type}</Badge>
              </Td>
              <Td className="text-right whitespace-nowrap tabular-nums">
                {formatBytes(file.size)}
              </Td>
              <Td>
                <Time at={file.expires_at} />
              </Td>
              <Td className="text-right">
                <FileActions
                  file={file}
                  onInspect={() => setInspected(file)}
                  onDelete={() => setDoomed(file)}
                />
              </Td>
            </Row>
          ))}
        </tbody>
      </Table>
      <InspectDialog file={inspected} onClose={() => setInspected(undefined)} />
      <Confirm
        open={doomed !== undefined}
        onOpenChange={() => setDoomed(undefined)}
        title={`Delete ${doomed?.filename ?? ''}?`}
        action="Delete"
        onConfirm={async () => doomed && remove.mutateAsync({ id: doomed.id })}
      >
        Its bytes are removed now, and calls with its id are refused. It cannot be brought back.
      </Confirm>
    </>
  );
}

const sources = { upload: 'a request', url: 'an address', direct: 'an upload' } as const;

function NoFiles({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState icon={FolderOpen} title="No such files">
      None of the stored files has come this way.
    </EmptyState>
  ) : (
    <EmptyState icon={FolderOpen} title="No files yet">
      Store a file once, and give its id as <code className="font-mono text-xs">file_id</code> to as
      many calls as you like. It is removed when the time of your plan is over.
    </EmptyState>
  );
}

function FileActions({
  file: { filename, id },
  onDelete,
  onInspect,
}: {
  file: StoredFile;
  onDelete: () => void;
  onInspect: () => void;
}) {
  const copyId = async () => {
    try {
      await navigator.clipboard.writeText(id);
      toast.success('The file_id is copied.');
    } catch {
      toast.error('The browser did not let it be copied. Mark the id in the table instead.');
    }
  };
  return (
    <Menu
      trigger={
        <Button kind="ghost" size="icon" aria-label={`Actions of ${filename}`}>
          <MoreHorizontal className="size-4" aria-hidden />
        </Button>
      }
    >
      <MenuItem onSelect={onInspect}>Inspect</MenuItem>
      <MenuItem onSelect={() => void copyId()}>Copy file_id</MenuItem>
      <MenuItem asChild>
        <a href={`/api/v1/files/${id}/content`} download>
          Download
        </a>
      </MenuItem>
      <MenuLine />
      <MenuItem isDangerous onSelect={onDelete}>
        Delete
      </MenuItem>
    </Menu>
  );
}
