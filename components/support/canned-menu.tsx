'use client';

import { useQuery } from '@tanstack/react-query';
import { MessageSquareText } from 'lucide-react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Menu, MenuItem, MenuLabel } from '../ui/menu.tsx';

/** The replies that are kept ready; the one that is chosen goes into the draft. */
export function CannedMenu({ onChoose }: { onChoose: (text: string) => void }) {
  return (
    <Menu
      trigger={
        <Button kind="ghost" size="small">
          <MessageSquareText className="size-4" aria-hidden /> Canned reply
        </Button>
      }
    >
      <Replies onChoose={onChoose} />
    </Menu>
  );
}

function Replies({ onChoose }: { onChoose: (text: string) => void }) {
  const trpc = useTRPC();
  const { data, error } = useQuery(trpc.cannedReplies.list.queryOptions({}));
  if (error) return <MenuLabel>{error.message}</MenuLabel>;
  if (!data) return <MenuLabel>Looking for them…</MenuLabel>;
  if (data.data.length === 0)
    return <MenuLabel>None yet: keep one with “Canned replies” above.</MenuLabel>;
  return data.data.map(({ id, text, title }) => (
    <MenuItem key={id} onSelect={() => onChoose(text)}>
      {title}
    </MenuItem>
  ));
}
