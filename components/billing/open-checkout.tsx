'use client';

import Link from 'next/link';
import { useEffect, useState } from 'react';
import { Alert } from '../ui/alert.tsx';
import { PageHeader } from '../ui/page-header.tsx';

type Mode = 'sandbox' | 'production';
type Result = { error?: { message?: string } } | undefined;

/** What Cashfree's script puts into the window. */
type Cashfree = (options: { mode: Mode }) => {
  checkout: (order: { paymentSessionId: string; redirectTarget: '_self' }) => Promise<Result>;
  subscriptionsCheckout: (mandate: {
    subsSessionId: string;
    redirectTarget: '_self';
  }) => Promise<Result>;
};

const script = 'https://sdk.cashfree.com/js/v3/cashfree.js';

/** Opens the session behind the hash of the address in Cashfree's own page, by its script. */
export function OpenCheckout({ mode }: { mode: Mode }) {
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    openSession(mode, new URLSearchParams(window.location.hash.slice(1))).catch((error: Error) =>
      setProblem(error.message),
    );
  }, [mode]);
  return (
    <>
      <PageHeader title="Checkout">You pay at Cashfree, and come back by yourself.</PageHeader>
      {problem ? (
        <Alert kind="warn">
          {problem}{' '}
          <Link href="/dashboard/billing" className="underline">
            Back to billing
          </Link>
        </Alert>
      ) : (
        <Alert>Going to Cashfree …</Alert>
      )}
    </>
  );
}

async function openSession(mode: Mode, session: URLSearchParams): Promise<void> {
  const [paymentSessionId, subsSessionId] = [session.get('order'), session.get('mandate')];
  if (!paymentSessionId && !subsSessionId) throw new Error('There is nothing to pay here.');
  const cashfree = (await loadCashfree())({ mode });
  const how = { redirectTarget: '_self' } as const;
  const result = paymentSessionId
    ? await cashfree.checkout({ ...how, paymentSessionId })
    : await cashfree.subscriptionsCheckout({ ...how, subsSessionId: subsSessionId ?? '' });
  if (result?.error) throw new Error(result.error.message ?? 'Cashfree did not open the checkout.');
}

function loadCashfree(): Promise<Cashfree> {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.src = script;
    element.onload = () => resolve((window as unknown as { Cashfree: Cashfree }).Cashfree);
    element.onerror = () => reject(new Error('Cashfree cannot be reached. Try again in a moment.'));
    document.head.append(element);
  });
}
