'use client';

import { AlertDialog as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { Alert } from './alert.tsx';
import { Button } from './button.tsx';
import { Field, Input } from './field.tsx';

/**
 * Asks before something that cannot be undone. With `word`, the person has to write it first.
 *
 * @example
 * <Confirm open={isAsking} onOpenChange={setAsking} title="Delete the key?" action="Delete"
 *   onConfirm={() => remove.mutateAsync({ id })}>Programs that use it stop working at once.</Confirm>
 */
export function Confirm({
  action,
  children,
  dismiss = 'Cancel',
  fields,
  onConfirm,
  onOpenChange,
  open,
  title,
  word,
}: {
  action: string;
  children: ReactNode;
  /** The way back, where the action itself is to cancel something. */
  dismiss?: string;
  /** What can be chosen before; it is no part of the question that is read out. */
  fields?: ReactNode;
  onConfirm: () => Promise<unknown>;
  onOpenChange: (open: boolean) => void;
  open: boolean;
  title: string;
  word?: string;
}) {
  const [written, setWritten] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const change = (next: boolean) => {
    setWritten('');
    setProblem(undefined);
    onOpenChange(next);
  };
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      change(false);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'It did not work. Try again.');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Radix.Root open={open} onOpenChange={change}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-black/60" />
        <Radix.Content className="fixed top-1/2 left-1/2 z-50 grid w-[min(28rem,calc(100vw-1.5rem))] -translate-x-1/2 -translate-y-1/2 gap-4 rounded-2xl border bg-surface p-5 shadow-lift">
          <Radix.Title className="font-semibold">{title}</Radix.Title>
          <Radix.Description asChild>
            <div className="text-sm leading-relaxed text-soft">{children}</div>
          </Radix.Description>
          {fields}
          {word && (
            <Field htmlFor="confirm-word" label={`Write ${word} to go on`}>
              <Input
                id="confirm-word"
                autoComplete="off"
                value={written}
                onChange={(event) => setWritten(event.target.value)}
              />
            </Field>
          )}
          {problem && <Alert kind="bad">{problem}</Alert>}
          <div className="flex justify-end gap-2">
            <Radix.Cancel asChild>
              <Button kind="secondary">{dismiss}</Button>
            </Radix.Cancel>
            <Button
              kind="danger"
              disabled={isBusy || (word !== undefined && written !== word)}
              onClick={confirm}
            >
              {action}
            </Button>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
