'use client';

import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';

/**
 * A form of one step. What it sends is a function; when that is through, its words stand in place of
 * the fields, and when it fails, the reason stands below them.
 */
export function AuthForm({
  action,
  children,
  onSubmit,
}: {
  action: string;
  children?: ReactNode;
  /** Gives the words to end with, or nothing when the page goes on elsewhere. */
  onSubmit: (field: (name: string) => string) => Promise<string | undefined>;
}) {
  const [problem, setProblem] = useState<string>();
  const [done, setDone] = useState<string>();
  const [isBusy, setBusy] = useState(true);
  // Before the page is alive the browser would send the fields itself.
  useEffect(() => setBusy(false), []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    try {
      setDone(await onSubmit((name) => String(form.get(name) ?? '')));
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  if (done) return <Alert kind="good">{done}</Alert>;
  return (
    <form method="post" onSubmit={submit} className="grid gap-4">
      {children}
      {problem && <Alert kind="bad">{problem}</Alert>}
      <Button type="submit" disabled={isBusy}>
        {action}
      </Button>
    </form>
  );
}

/** tRPC gives the problems of a wrong input as JSON; a person reads the first one. */
function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  try {
    const [first] = JSON.parse(message) as { message: string }[];
    return first?.message ?? message;
  } catch {
    return message || 'It did not work. Try again in a moment.';
  }
}
