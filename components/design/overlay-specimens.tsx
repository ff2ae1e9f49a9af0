'use client';

import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../ui/menu.tsx';
import { toast } from '../ui/toast.tsx';
import { Tooltip } from '../ui/tooltip.tsx';

/** What opens over the page. */
export function OverlaySpecimens() {
  const [isAsking, setAsking] = useState(false);
  return (
    <div className="flex flex-wrap gap-2">
      <Menu trigger={<Button kind="secondary">Menu</Button>}>
        <MenuLabel>Actions</MenuLabel>
        <MenuItem>Rotate</MenuItem>
        <MenuLine />
        <MenuItem isDangerous>Delete</MenuItem>
      </Menu>
      <Dialog
        title="A window"
        description="Focus goes in, stays in, and returns."
        trigger={<Button kind="secondary">Window</Button>}
      >
        <p className="text-sm text-soft">Its content scrolls, its title does not.</p>
      </Dialog>
      <Button kind="secondary" onClick={() => setAsking(true)}>
        Question
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Delete laptop?"
        action="Delete"
        word="laptop"
        onConfirm={async () => toast.success('Deleted.')}
      >
        It cannot be brought back.
      </Confirm>
      <Button kind="secondary" onClick={() => toast('Something has happened.')}>
        Message
      </Button>
      <Tooltip text="A hint">
        <Button kind="ghost">Hint</Button>
      </Tooltip>
    </div>
  );
}
