'use client';

import { useQuery } from '@tanstack/react-query';
import { ListChecks } from 'lucide-react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Menu, MenuItem, MenuLabel } from '../ui/menu.tsx';

const shown = 8;

/** The last jobs, one of which may go with the message. */
export function AttachJob({ onJob }: { onJob: (id: string) => void }) {
  return (
    <Menu
      trigger={
        <Button kind="ghost" size="small">
          <ListChecks className="size-4" aria-hidden /> Job
        </Button>
      }
    >
      <Jobs onJob={onJob} />
    </Menu>
  );
}

function Jobs({ onJob }: { onJob: (id: string) => void }) {
  const trpc = useTRPC();
  const { data, error } = useQuery(trpc.jobs.list.queryOptions({ limit: shown }));
  if (error) return <MenuLabel>{error.message}</MenuLabel>;
  if (!data) return <MenuLabel>Looking for your jobs…</MenuLabel>;
  if (data.data.length === 0) return <MenuLabel>There are no jobs yet.</MenuLabel>;
  return data.data.map(({ id, status, tool }) => (
    <MenuItem key={id} onSelect={() => onJob(id)}>
      {tool}, {status}
      <span className="ml-auto pl-3 font-mono text-xs text-faint">…{id.slice(-6)}</span>
    </MenuItem>
  ));
}
