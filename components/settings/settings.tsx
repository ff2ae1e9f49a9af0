'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { signOut } from 'next-auth/react';
import { useState } from 'react';
import { NewPasswordField } from '../account/account-fields.tsx';
import { AuthForm } from '../account/auth-form.tsx';
import { QueryView } from '../dashboard/query-view.tsx';
import { useTRPC } from '../trpc.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Field, Input } from '../ui/field.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Google } from './google.tsx';
import { Sessions } from './sessions.tsx';

/** The person, the password, the sessions, and the way out. */
export function SettingsView({
  hasGoogle,
  googleOutcome,
}: {
  hasGoogle: boolean;
  googleOutcome?: string;
}) {
  const trpc = useTRPC();
  const me = useQuery(trpc.me.get.queryOptions({}));
  return (
    <>
      <PageHeader title="Settings">Your account, and where it is signed in.</PageHeader>
      <QueryView query={me}>
        {({ email, google_email, has_password, name }) => (
          <>
            <div className="grid items-start gap-4 xl:grid-cols-2">
              <Profile email={email} name={name} />
              {has_password && <Password />}
              {hasGoogle && (
                <Google email={google_email} hasPassword={has_password} outcome={googleOutcome} />
              )}
            </div>
            <Sessions />
            <Data email={email} />
          </>
        )}
      </QueryView>
    </>
  );
}

function Profile({ email, name }: { email: string; name: string }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const router = useRouter();
  const update = useMutation(trpc.me.update.mutationOptions());
  return (
    <Card className="grid gap-4">
      <h2 className="font-semibold">Profile</h2>
      <AuthForm
        action="Save"
        onSubmit={async (field) => {
          await update.mutateAsync({ name: field('name') });
          await cache.invalidateQueries({ queryKey: trpc.me.pathKey() });
          router.refresh();
          return 'Saved.';
        }}
      >
        <Field htmlFor="profile-email" label="E-mail">
          <Input id="profile-email" value={email} readOnly disabled />
        </Field>
        <Field htmlFor="profile-name" label="Name">
          <Input id="profile-name" name="name" defaultValue={name} required maxLength={100} />
        </Field>
      </AuthForm>
    </Card>
  );
}

function Password() {
  const trpc = useTRPC();
  const change = useMutation(trpc.me.changePassword.mutationOptions());
  return (
    <Card className="grid gap-4">
      <h2 className="font-semibold">Password</h2>
      <AuthForm
        action="Change the password"
        onSubmit={async (field) => {
          const [current_password, password] = [field('current'), field('password')];
          return (await change.mutateAsync({ current_password, password })).message;
        }}
      >
        <Field htmlFor="current-password" label="Current password">
          <Input
            id="current-password"
            name="current"
            type="password"
            autoComplete="current-password"
            required
          />
        </Field>
        <NewPasswordField label="New password" />
      </AuthForm>
    </Card>
  );
}

function Data({ email }: { email: string }) {
  const trpc = useTRPC();
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation(trpc.me.delete.mutationOptions());
  return (
    <Card className="grid gap-4">
      <h2 className="font-semibold">Your data</h2>
      <p className="max-w-2xl text-sm leading-relaxed text-soft">
        Take a copy of all that is stored about you, from the account to its calls, jobs, messages
        and notifications. Or delete the account with everything in it. Invoices and the books of
        payments are kept, as the law asks, and the audit log for 400 days.
      </p>
      <div className="flex flex-wrap gap-2">
        <a
          href="/api/v1/users/me/export"
          download="nebula-export.json"
          className="inline-flex h-10 items-center rounded-lg border bg-surface px-4 text-sm font-medium hover:bg-raised"
        >
          Export
        </a>
        <Button kind="danger" onClick={() => setAsking(true)}>
          Delete the account
        </Button>
      </div>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Delete the account?"
        action="Delete the account"
        word={email}
        onConfirm={async () => {
          await remove.mutateAsync({ confirm: email });
          await signOut({ callbackUrl: '/' });
        }}
      >
        Keys are refused and sessions end within seconds, and automatic payments are switched off.
        Nothing of it can be brought back.
      </Confirm>
    </Card>
  );
}
