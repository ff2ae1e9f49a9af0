'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

const everyMilliseconds = 10 * 60 * 1000;

/**
 * Renews the session every ten minutes and when the person comes back to the page, unseen. A session
 * that was ended elsewhere ends here too.
 */
export function SessionKeeper() {
  const router = useRouter();
  useEffect(() => {
    const renew = async () => {
      const response = await fetch('/api/auth/session').catch(() => undefined);
      const session = response?.ok ? ((await response.json()) as { user?: unknown }) : undefined;
      // A network that is away ends nothing.
      if (session && !session.user) router.refresh();
    };
    const timer = setInterval(renew, everyMilliseconds);
    window.addEventListener('focus', renew);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', renew);
    };
  }, [router]);
  return null;
}
