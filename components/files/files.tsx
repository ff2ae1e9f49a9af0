'use client';

import type { FileSource } from '@nebula/contract/stored-file';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Field, Select } from '../ui/field.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { FileTable } from './file-table.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { Uploads } from './uploads.tsx';

/** The stored files of the account, and the ways in. */
export function Files() {
  const trpc = useTRPC();
  const [source, setSource] = useState<FileSource | ''>('');
  const list = useInfiniteQuery(
    trpc.files.list.infiniteQueryOptions(
      { limit: 20, source: source || undefined },
      { getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined },
    ),
  );
  return (
    <>
      <PageHeader title="Files" actions={<ImportDialog />}>
        Stored once, used by any number of calls. Each is removed when its time is over.
      </PageHeader>
      <Uploads />
      <div className="w-48">
        <Field htmlFor="source" label="Came by">
          <Select
            id="source"
            value={source}
            onChange={(event) => setSource(event.target.value as FileSource | '')}
          >
            <option value="">every way</option>
            <option value="direct">an upload</option>
            <option value="upload">a request</option>
            <option value="url">an address</option>
          </Select>
        </Field>
      </div>
      <QueryView query={list}>
        {({ pages }) => (
          <FileTable files={pages.flatMap(({ data }) => data)} isFiltered={source !== ''} />
        )}
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}
