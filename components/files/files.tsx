'use client';

import type { FileSource } from '@nebula/contract/stored-file';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { SelectField } from '../ui/filters.tsx';
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
        <SelectField
          id="source"
          label="Came by"
          value={source}
          onChange={setSource}
          options={[
            ['', 'every way'],
            ['direct', 'an upload'],
            ['upload', 'a request'],
            ['url', 'an address'],
          ]}
        />
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
