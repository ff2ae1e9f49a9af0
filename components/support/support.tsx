'use client';

import { useState } from 'react';
import { Card } from '../ui/card.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { SupportPanel } from './panel.tsx';
import { useConversations } from './use-conversations.ts';

/** The conversations with the support, with the whole page for them. */
export function Support() {
  const [shown, setShown] = useState<string>();
  const conversations = useConversations();
  return (
    <>
      <PageHeader title="Support">
        Ask, attach a file or a job, and read what was answered. The same conversations are behind
        the bubble on every other page.
      </PageHeader>
      <Card
        aria-label="Conversations"
        className="flex h-[min(44rem,75dvh)] max-w-3xl flex-col overflow-hidden p-0 sm:p-0"
      >
        <SupportPanel conversations={conversations} shown={shown} onShow={setShown} />
      </Card>
    </>
  );
}
