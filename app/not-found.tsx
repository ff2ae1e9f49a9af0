import { ButtonLink } from '#components/ui/button.tsx';

export default function NotFound() {
  return (
    <main className="mx-auto grid min-h-screen max-w-md content-center gap-4 px-6 text-center">
      <p className="font-mono text-sm text-faint">404</p>
      <h1 className="text-3xl font-semibold">There is nothing here</h1>
      <p className="text-soft">The page has moved, or the address has a typo.</p>
      <div className="mt-2">
        <ButtonLink href="/">Back to the start</ButtonLink>
      </div>
    </main>
  );
}
