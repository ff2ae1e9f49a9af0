'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { signIn } from 'next-auth/react';
import { useState } from 'react';
import { AuthForm } from '../account/auth-form.tsx';
import { googleWords } from '../account/google-words.ts';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Field, Input } from '../ui/field.tsx';
import { toast } from '../ui/toast.tsx';

const back = '/dashboard/settings?google=linked';

/** Whether Google signs in to this account, and how to change that. */
export function Google({
  email,
  hasPassword,
  outcome,
}: {
  email: string | null;
  hasPassword: boolean;
  /** What a way to Google has ended with, from the address of the page. */
  outcome?: string;
}) {
  return (
    <Card className="grid content-start gap-4">
      <h2 className="font-semibold">Google</h2>
      {outcome && outcome !== 'linked' && <Alert kind="bad">{googleWords(outcome)}</Alert>}
      {email ? <Linked email={email} hasPassword={hasPassword} /> : <LinkForm />}
    </Card>
  );
}

function LinkForm() {
  const trpc = useTRPC();
  const allow = useMutation(trpc.me.allowGoogle.mutationOptions());
  return (
    <AuthForm
      action="Link Google"
      onSubmit={async (field) => {
        await allow.mutateAsync({ current_password: field('current') });
        await signIn('google', { callbackUrl: back });
        return undefined;
      }}
    >
      <p className="text-sm leading-relaxed text-soft">
        Sign in with Google as well. Your password stays.
      </p>
      <Field htmlFor="google-password" label="Your password, to be sure that it is you">
        <Input
          id="google-password"
          name="current"
          type="password"
          autoComplete="current-password"
          required
        />
      </Field>
    </AuthForm>
  );
}

function Linked({ email, hasPassword }: { email: string; hasPassword: boolean }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const unlink = useMutation(
    trpc.me.unlinkGoogle.mutationOptions({
      onSuccess: () => cache.invalidateQueries({ queryKey: trpc.me.pathKey() }),
      onError: ({ message }) => void toast.error(message),
    }),
  );
  return (
    <>
      <p className="text-sm leading-relaxed text-soft">
        <strong className="font-medium text-ink">{email}</strong> signs in to this account.
      </p>
      {hasPassword ? (
        <Button kind="secondary" className="justify-self-start" onClick={() => setAsking(true)}>
          Unlink
        </Button>
      ) : (
        <p className="text-sm text-soft">
          It is the only way in.{' '}
          <Link href="/forgot-password" className="text-accent underline">
            Set a password
          </Link>{' '}
          to be able to unlink it.
        </p>
      )}
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title="Unlink Google?"
        action="Unlink"
        onConfirm={() => unlink.mutateAsync({})}
      >
        You then sign in with your password alone.
      </Confirm>
    </>
  );
}
