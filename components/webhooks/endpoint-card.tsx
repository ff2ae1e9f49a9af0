'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { MoreHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge, Card } from '../ui/card.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';

type Endpoint = {
  id: string;
  url: string;
  events: string[];
  is_enabled: boolean;
  failing_since: string | null;
};

/** One endpoint with its state, and what can be done to it. */
export function EndpointCard({
  endpoint,
  onSecret,
}: {
  endpoint: Endpoint;
  onSecret: (secret: string) => void;
}) {
  const { events, failing_since, is_enabled, url } = endpoint;
  return (
    <Card className="flex items-start justify-between gap-4 p-4 sm:p-4">
      <div className="grid min-w-0 gap-1.5">
        <p className="font-mono text-sm break-all">{url}</p>
        <p className="flex flex-wrap gap-1.5 text-xs text-soft">
          <Badge tone={is_enabled ? 'good' : 'warn'}>{is_enabled ? 'on' : 'off'}</Badge>
          {failing_since && (
            <span className="text-bad">
              failing, first <Time at={failing_since} />
            </span>
          )}
          {events.length === 0 ? (
            <Badge>every event</Badge>
          ) : (
            events.map((e) => <Badge key={e}>{e}</Badge>)
          )}
        </p>
      </div>
      <EndpointActions endpoint={endpoint} onSecret={onSecret} />
    </Card>
  );
}

function EndpointActions({
  endpoint: { id, is_enabled, url },
  onSecret,
}: {
  endpoint: Endpoint;
  onSecret: (secret: string) => void;
}) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [asks, setAsks] = useState<'rotate' | 'delete'>();
  const onSuccess = () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: trpc.webhookEndpoints.pathKey() }),
      cache.invalidateQueries({ queryKey: trpc.webhookDeliveries.pathKey() }),
    ]);
  const onError = ({ message }: { message: string }) => void toast.error(message);
  const send = useMutation(trpc.webhookEndpoints.test.mutationOptions({ onError, onSuccess }));
  const update = useMutation(trpc.webhookEndpoints.update.mutationOptions({ onError, onSuccess }));
  const rotate = useMutation(trpc.webhookEndpoints.rotateSecret.mutationOptions({ onSuccess }));
  const remove = useMutation(trpc.webhookEndpoints.delete.mutationOptions({ onSuccess }));
  const close = () => setAsks(undefined);
  return (
    <>
      <Menu
        trigger={
          <Button kind="ghost" size="icon" aria-label={`Actions of ${url}`}>
            <MoreHorizontal className="size-4" aria-hidden />
          </Button>
        }
      >
        <MenuItem disabled={!is_enabled} onSelect={() => send.mutate({ id })}>
          Send a test event
        </MenuItem>
        <MenuItem onSelect={() => setAsks('rotate')}>Rotate the secret</MenuItem>
        <MenuItem onSelect={() => update.mutate({ id, is_enabled: !is_enabled })}>
          {is_enabled ? 'Switch off' : 'Switch on'}
        </MenuItem>
        <MenuLine />
        <MenuItem isDangerous onSelect={() => setAsks('delete')}>
          Delete
        </MenuItem>
      </Menu>
      <Confirm
        open={asks === 'rotate'}
        onOpenChange={close}
        title="Rotate the secret?"
        action="Rotate"
        onConfirm={async () => onSecret((await rotate.mutateAsync({ id })).secret)}
      >
        For a day each delivery carries two signatures, of the new secret and of the one before.
      </Confirm>
      <Confirm
        open={asks === 'delete'}
        onOpenChange={close}
        title="Delete the endpoint?"
        action="Delete"
        onConfirm={() => remove.mutateAsync({ id })}
      >
        Nothing more is sent to {url}, not even what waits to be tried again.
      </Confirm>
    </>
  );
}
