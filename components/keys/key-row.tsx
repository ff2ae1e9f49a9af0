'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { MoreHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge } from '../ui/card.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Select } from '../ui/field.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import { Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { toast } from '../ui/toast.tsx';
import { KeyForm } from './key-form.tsx';

const day = 24 * 60 * 60;

/** How long the secret before may be used on, the server's longest last. */
const graces = [
  [0, 'not at all'],
  [60 * 60, 'for an hour'],
  [day, 'for a day'],
  [7 * day, 'for seven days'],
] as const;

export type ApiKey = {
  id: string;
  name: string;
  prefix: string;
  last4: string;
  scopes: string[];
  is_enabled: boolean;
  expires_at: string | null;
  allowed_addresses: string[];
  requests_per_minute: number | null;
  monthly_cap: number | null;
  previous_secret_expires_at: string | null;
  last_used_at: string | null;
};

/** The cells of one key. */
export function KeyRow({ apiKey, onSecret }: { apiKey: ApiKey; onSecret: (key: string) => void }) {
  const { expires_at, is_enabled, last4, last_used_at, name, prefix, scopes } = apiKey;
  const grace = apiKey.previous_secret_expires_at;
  const isInGrace = grace !== null && Date.parse(grace) > Date.now();
  return (
    <>
      <Td>
        <span className="font-medium">{name}</span>
        {!is_enabled && (
          <Badge tone="warn" className="ml-2">
            off
          </Badge>
        )}
        <span className="block text-xs text-faint">{limitsOf(apiKey)}</span>
      </Td>
      <Td className="font-mono text-xs whitespace-nowrap">
        {prefix}…{last4}
        {isInGrace && (
          <span className="block font-sans text-faint">
            the one before ends <Time at={grace} />
          </span>
        )}
      </Td>
      <Td>
        <span className="flex max-w-56 flex-wrap gap-1">
          {scopes.length === 0 ? (
            <Badge>nothing</Badge>
          ) : (
            scopes.map((s) => <Badge key={s}>{s}</Badge>)
          )}
        </span>
      </Td>
      <Td>
        {last_used_at ? <Time at={last_used_at} /> : <span className="text-faint">never</span>}
      </Td>
      <Td>{expires_at ? <Time at={expires_at} /> : <span className="text-faint">never</span>}</Td>
      <Td className="text-right">
        <KeyActions apiKey={apiKey} onSecret={onSecret} />
      </Td>
    </>
  );
}

function limitsOf({ allowed_addresses, monthly_cap, requests_per_minute }: ApiKey): string {
  const parts = [
    requests_per_minute !== null && `${requests_per_minute} a minute`,
    monthly_cap !== null && `${monthly_cap} a month`,
    allowed_addresses.length > 0 && `from ${allowed_addresses.join(', ')}`,
  ];
  return parts.filter(Boolean).join(' · ');
}

function KeyActions({ apiKey, onSecret }: { apiKey: ApiKey; onSecret: (key: string) => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [asks, setAsks] = useState<'change' | 'rotate' | 'delete'>();
  const [grace, setGrace] = useState<number>(day);
  const onSuccess = () => cache.invalidateQueries({ queryKey: trpc.apiKeys.pathKey() });
  const onError = ({ message }: { message: string }) => void toast.error(message);
  const update = useMutation(trpc.apiKeys.update.mutationOptions({ onError, onSuccess }));
  const rotate = useMutation(trpc.apiKeys.rotate.mutationOptions({ onSuccess }));
  const remove = useMutation(trpc.apiKeys.delete.mutationOptions({ onSuccess }));
  const { id, is_enabled, name } = apiKey;
  const close = () => setAsks(undefined);
  return (
    <>
      <Menu
        trigger={
          <Button kind="ghost" size="icon" aria-label={`Actions of ${name}`}>
            <MoreHorizontal className="size-4" aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => setAsks('change')}>Change</MenuItem>
        <MenuItem onSelect={() => setAsks('rotate')}>Rotate</MenuItem>
        <MenuItem onSelect={() => update.mutate({ id, is_enabled: !is_enabled })}>
          {is_enabled ? 'Switch off' : 'Switch on'}
        </MenuItem>
        <MenuLine />
        <MenuItem isDangerous onSelect={() => setAsks('delete')}>
          Delete
        </MenuItem>
      </Menu>
      <Dialog
        open={asks === 'change'}
        onOpenChange={close}
        title={`Change ${name}`}
        description="It holds from the next few seconds on; the secret stays."
      >
        <KeyForm apiKey={apiKey} onChanged={close} />
      </Dialog>
      <Confirm
        open={asks === 'rotate'}
        onOpenChange={close}
        title={`Rotate ${name}?`}
        action="Rotate"
        fields={
          <Field htmlFor={`grace-${id}`} label="The secret before is accepted">
            <Select
              id={`grace-${id}`}
              value={grace}
              onChange={(event) => setGrace(Number(event.target.value))}
            >
              {graces.map(([seconds, label]) => (
                <option key={seconds} value={seconds}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
        }
        onConfirm={async () => {
          const { key } = await rotate.mutateAsync({ id, grace_seconds: grace });
          onSecret(key);
        }}
      >
        The key gets a new secret. The one before can go on, so that your programs change over;
        older ones go on no longer than that.
      </Confirm>
      <Confirm
        open={asks === 'delete'}
        onOpenChange={close}
        title={`Delete ${name}?`}
        action="Delete"
        onConfirm={() => remove.mutateAsync({ id })}
      >
        Programs that use this key are refused within five seconds. It cannot be brought back.
      </Confirm>
    </>
  );
}
