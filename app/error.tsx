'use client';

import { Button } from '#components/ui/button.tsx';

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <main className="mx-auto grid min-h-screen max-w-md content-center gap-4 px-6 text-center">
      <h1 className="text-3xl font-semibold">Something went wrong on our side</h1>
      <p className="text-soft">
        Nothing of yours is lost. Try again
        {error.digest ? `, or quote ${error.digest} to support` : ''}.
      </p>
      <div className="mt-2">
        <Button onClick={reset}>Try again</Button>
      </div>
    </main>
  );
}
