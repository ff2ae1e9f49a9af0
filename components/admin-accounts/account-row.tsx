'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Badge } from '../ui/card.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Td } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { ChangePlan } from './change-plan.tsx';

type Account = {
  id: string;
  email: string;
  name: string;
  plan: string;
  role: string;
  is_verified: boolean;
  created_at: string;
  suspended_at: string | null;
  suspended_reason: string | null;
};

/** The cells of one account; nobody shuts the one that they are signed in to. */
export function AccountRow({ account, isOwn }: { account: Account; isOwn: boolean }) {
  const { created_at, email, id, name, plan, role, suspended_at } = account;
  return (
    <>
      <Td>
        <span className="font-medium">{name}</span>
        {role === 'admin' && <Badge className="ml-2">admin</Badge>}
        <span className="block text-soft">{email}</span>
        <span className="block font-mono text-xs text-faint">{id}</span>
      </Td>
      <Td>{plan}</Td>
      <Td>
        <State account={account} />
      </Td>
      <Td>
        <Time at={created_at} />
      </Td>
      <Td className="text-right">
        {!isOwn && (
          <div className="flex justify-end gap-2">
            <ChangePlan {...account} />
            {suspended_at ? <Restore {...account} /> : <Suspend {...account} />}
          </div>
        )}
      </Td>
    </>
  );
}

function State({ account }: { account: Account }) {
  const { is_verified, suspended_at, suspended_reason } = account;
  if (suspended_at)
    return (
      <>
        <Badge tone="bad">suspended</Badge>
        <span className="block text-xs text-soft">
          <Time at={suspended_at} />: {suspended_reason}
        </span>
      </>
    );
  return is_verified ? <Badge tone="good">open</Badge> : <Badge>not confirmed</Badge>;
}

function useRefresh() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: trpc.adminUsers.pathKey() });
}

function Suspend({ email, id }: Account) {
  const trpc = useTRPC();
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const suspend = useMutation(trpc.adminUsers.suspend.mutationOptions({ onSuccess: useRefresh() }));
  return (
    <>
      <Button kind="secondary" size="small" onClick={() => setAsking(true)}>
        Suspend
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={`Suspend ${email}?`}
        action="Suspend"
        fields={
          <Field
            htmlFor={`reason-${id}`}
            label="Reason"
            hint="The owner reads it in a mail, and the audit log keeps it."
          >
            <Input
              id={`reason-${id}`}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </Field>
        }
        onConfirm={() => suspend.mutateAsync({ id, reason })}
      >
        Every session ends at once and keys are refused within five seconds. Running jobs end as
        they would, plan and billing go on, and nothing is deleted.
      </Confirm>
    </>
  );
}

function Restore({ email, id }: Account) {
  const trpc = useTRPC();
  const [isAsking, setAsking] = useState(false);
  const restore = useMutation(trpc.adminUsers.restore.mutationOptions({ onSuccess: useRefresh() }));
  return (
    <>
      <Button kind="secondary" size="small" onClick={() => setAsking(true)}>
        Restore
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={`Restore ${email}?`}
        action="Restore"
        onConfirm={() => restore.mutateAsync({ id })}
      >
        Keys are accepted again within five seconds, and the owner can sign in. A mail says so.
      </Confirm>
    </>
  );
}
