'use client';

import { useEffect, useState } from 'react';
import { Button } from '#components/ui/button.tsx';

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const [requestId, setRequestId] = useState<string>();
  // The layout writes it there; it is in the log beside the digest, which names the error.
  useEffect(() => setRequestId(document.documentElement.dataset.requestId), []);
  const quoted = [requestId, error.digest].filter(Boolean).join(' · ');
  return (
    <main className="mx-auto grid min-h-screen max-w-md content-center gap-4 px-6 text-center">
      <title>Something went wrong · NebulaAPI</title>
      <h1 className="text-3xl font-semibold">Something went wrong on our side</h1>
      <p className="text-soft">
        Nothing of yours is lost. Try again, and if it stays, write to the support and quote this:
      </p>
      {quoted && <p className="font-mono text-sm break-all">{quoted}</p>}
      <div className="mt-2">
        <Button onClick={reset}>Try again</Button>
      </div>
    </main>
  );
}
