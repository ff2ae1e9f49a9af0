'use client';

import { useMutation } from '@tanstack/react-query';
import { useTRPC } from '../trpc.tsx';
import { EmailField, NewPasswordField } from './account-fields.tsx';
import { AuthForm } from './auth-form.tsx';

/** Asks for the mail that sets a new password. */
export function ForgotPasswordForm() {
  const trpc = useTRPC();
  const ask = useMutation(trpc.auth.requestReset.mutationOptions());
  return (
    <AuthForm
      action="Send the mail"
      onSubmit={async (field) => (await ask.mutateAsync({ email: field('email') })).message}
    >
      <EmailField />
    </AuthForm>
  );
}

/** Sets a new password with the link of a mail. */
export function ResetPasswordForm({ token }: { token: string }) {
  const trpc = useTRPC();
  const set = useMutation(trpc.auth.confirmReset.mutationOptions());
  return (
    <AuthForm
      action="Set the password"
      onSubmit={async (field) =>
        (await set.mutateAsync({ token, password: field('password') })).message
      }
    >
      <NewPasswordField label="New password" />
    </AuthForm>
  );
}

/** Confirms an address. A button, because programs that read mail open links by themselves. */
export function VerifyForm({ token }: { token: string }) {
  const trpc = useTRPC();
  const confirm = useMutation(trpc.auth.confirmVerification.mutationOptions());
  return (
    <AuthForm
      action="Confirm the address"
      onSubmit={async () => (await confirm.mutateAsync({ token })).message}
    />
  );
}

/** Asks for the confirming mail once more. */
export function ResendForm() {
  const trpc = useTRPC();
  const resend = useMutation(trpc.auth.requestVerification.mutationOptions());
  return (
    <AuthForm
      action="Send the mail again"
      onSubmit={async (field) => (await resend.mutateAsync({ email: field('email') })).message}
    >
      <EmailField />
    </AuthForm>
  );
}
