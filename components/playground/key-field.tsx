'use client';

import { useEffect, useState } from 'react';
import { Input } from '../ui/field.tsx';

const storageKey = 'nebula-playground-key';

/** The key stays in this tab: it is gone when the tab is closed. */
export function useApiKey(): [apiKey: string, set: (apiKey: string) => void] {
  const [apiKey, setApiKey] = useState('');
  useEffect(() => setApiKey(sessionStorage.getItem(storageKey) ?? ''), []);
  const set = (next: string) => {
    sessionStorage.setItem(storageKey, next);
    setApiKey(next);
  };
  return [apiKey, set];
}

export function KeyField({
  apiKey,
  email,
  onChange,
}: {
  apiKey: string;
  email?: string;
  onChange: (apiKey: string) => void;
}) {
  if (email) return <p className="text-sm text-soft">Signed in as {email}</p>;
  return (
    <div className="w-full max-w-sm">
      <label htmlFor="api-key" className="mb-1 block text-sm font-medium">
        API key
      </label>
      <Input
        id="api-key"
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder="nb_live_…"
        value={apiKey}
        onChange={(event) => onChange(event.target.value.trim())}
      />
    </div>
  );
}
