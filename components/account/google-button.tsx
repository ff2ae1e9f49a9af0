'use client';

import { signIn } from 'next-auth/react';
import { useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';

/** Goes to Google, and comes back to a page of this site. */
export function GoogleButton({ label, next }: { label: string; next: string }) {
  const [isBusy, setBusy] = useState(true);
  useEffect(() => setBusy(false), []);
  const leave = () => {
    setBusy(true);
    void signIn('google', { callbackUrl: next }).catch(() => setBusy(false));
  };
  return (
    <Button kind="secondary" disabled={isBusy} onClick={leave}>
      <Mark />
      {label}
    </Button>
  );
}

/** The four colours of the mark, as Google asks for them. */
function Mark() {
  return (
    <svg viewBox="0 0 48 48" className="size-4" aria-hidden>
      <path
        fill="#4285F4"
        d="M45.1 24.5c0-1.6-.1-3.1-.4-4.5H24v8.5h11.8a10.1 10.1 0 0 1-4.4 6.6v5.5h7.1c4.2-3.8 6.6-9.5 6.6-16.1z"
      />
      <path
        fill="#34A853"
        d="M24 46c5.9 0 10.9-2 14.5-5.4l-7.1-5.5a13.2 13.2 0 0 1-19.7-6.9H4.3v5.7A22 22 0 0 0 24 46z"
      />
      <path fill="#FBBC05" d="M11.7 28.2a13.2 13.2 0 0 1 0-8.4v-5.7H4.3a22 22 0 0 0 0 19.8z" />
      <path
        fill="#EA4335"
        d="M24 10.8c3.2 0 6.1 1.1 8.4 3.3l6.3-6.3A22 22 0 0 0 4.3 14.1l7.4 5.7A13.1 13.1 0 0 1 24 10.8z"
      />
    </svg>
  );
}
