'use client';

import { defaultScopes, scopes } from '@nebula/contract/scopes';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTRPC } from '../trpc.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Field, Input, Select } from '../ui/field.tsx';
import type { ApiKey } from './key-row.tsx';

const lifetimes = [
  ['', 'never'],
  ['30', 'in 30 days'],
  ['90', 'in 90 days'],
  ['365', 'in a year'],
] as const;

/** Asks what a new key is for and what it may do, or what one that there is may do from now on. */
export function KeyForm({
  apiKey,
  onChanged,
  onMade,
}:
  | { apiKey?: undefined; onChanged?: undefined; onMade: (key: string) => void }
  | { apiKey: ApiKey; onChanged: () => void; onMade?: undefined }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [held, setHeld] = useState<string[]>([...(apiKey?.scopes ?? defaultScopes)]);
  const create = useMutation(
    trpc.apiKeys.create.mutationOptions({
      onSuccess: ({ key }) => {
        void cache.invalidateQueries({ queryKey: trpc.apiKeys.pathKey() });
        onMade?.(key);
      },
    }),
  );
  const update = useMutation(
    trpc.apiKeys.update.mutationOptions({
      onSuccess: async () => {
        await cache.invalidateQueries({ queryKey: trpc.apiKeys.pathKey() });
        onChanged?.();
      },
    }),
  );
  const { error, isPending } = apiKey ? update : create;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const orNone = (name: string) => (text(name) === '' ? null : Number(text(name)));
    const settings = {
      name: text('name'),
      scopes: held,
      expires_at: endOf(text('lifetime')),
      allowed_addresses: text('addresses')
        .split(/[\s,]+/)
        .filter(Boolean),
      requests_per_minute: orNone('rate'),
      monthly_cap: orNone('cap'),
    };
    if (apiKey) update.mutate({ id: apiKey.id, ...settings });
    else create.mutate({ mode: text('mode') === 'test' ? 'test' : 'live', ...settings });
  };
  const toggle = (scope: string) =>
    setHeld((now) =>
      now.includes(scope) ? now.filter((each) => each !== scope) : [...now, scope],
    );
  return (
    <form onSubmit={submit} className="grid gap-4 p-0.5">
      <Field htmlFor="key-name" label="Name" hint="What it is for: you will read it in the logs.">
        <Input id="key-name" name="name" required maxLength={100} defaultValue={apiKey?.name} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        {!apiKey && (
          <Field htmlFor="key-mode" label="Mode">
            <Select id="key-mode" name="mode">
              <option value="live">live</option>
              <option value="test">test: watermarked, not billed</option>
            </Select>
          </Field>
        )}
        <Field htmlFor="key-lifetime" label="Ends">
          <Select id="key-lifetime" name="lifetime">
            {apiKey?.expires_at && (
              <option value="as-it-is">as it is: {apiKey.expires_at.slice(0, 10)}</option>
            )}
            {lifetimes.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <fieldset className="grid gap-2">
        <legend className="mb-2 text-sm font-medium">May</legend>
        <div className="grid max-h-44 gap-2 overflow-y-auto rounded-lg border p-3">
          {Object.entries(scopes).map(([scope, sentence]) => (
            <label key={scope} className="flex items-start gap-2.5 text-sm">
              <input
                type="checkbox"
                checked={held.includes(scope)}
                onChange={() => toggle(scope)}
                className="mt-0.5 size-4 accent-(--accent)"
              />
              <span>
                <span className="font-mono text-xs">{scope}</span>
                <span className="block text-xs text-faint">{sentence}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <details className="grid gap-4 text-sm" open={apiKey !== undefined}>
        <summary className="text-soft">Limits of its own</summary>
        <div className="mt-3 grid gap-4">
          <Field
            htmlFor="key-addresses"
            label="Allowed addresses"
            hint="Addresses or ranges such as 203.0.113.0/24, one after another; empty: all."
          >
            <Input
              id="key-addresses"
              name="addresses"
              defaultValue={apiKey?.allowed_addresses.join(', ')}
            />
          </Field>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field htmlFor="key-rate" label="Requests a minute">
              <Input
                id="key-rate"
                name="rate"
                type="number"
                min={1}
                max={10_000}
                defaultValue={apiKey?.requests_per_minute ?? ''}
              />
            </Field>
            <Field htmlFor="key-cap" label="Units a month">
              <Input
                id="key-cap"
                name="cap"
                type="number"
                min={0}
                defaultValue={apiKey?.monthly_cap ?? ''}
              />
            </Field>
          </div>
        </div>
      </details>
      {error && <Alert kind="bad">{error.message}</Alert>}
      <Button type="submit" disabled={isPending}>
        {apiKey ? 'Save' : 'Make the key'}
      </Button>
    </form>
  );
}

/** The moment at which a key ends; null: never, undefined: as it is. */
function endOf(lifetime: string): string | null | undefined {
  if (lifetime === 'as-it-is') return undefined;
  if (lifetime === '') return null;
  return new Date(Date.now() + Number(lifetime) * 86_400_000).toISOString();
}
