'use client';

import type { RealtimeSettings } from '@nebula/contract/realtime';
import { RealtimeProvider } from '../realtime/realtime.tsx';
import { ApiProvider } from '../trpc.tsx';
import { SupportBubble } from './bubble.tsx';

/** The support on a page outside the dashboard, for somebody who is signed in. */
export function SiteSupport({
  accountId,
  settings,
}: {
  accountId: string;
  settings: RealtimeSettings | undefined;
}) {
  return (
    <ApiProvider>
      <RealtimeProvider accountId={accountId} settings={settings}>
        <SupportBubble />
      </RealtimeProvider>
    </ApiProvider>
  );
}
